/** The Lambda function behind `LambdaClean`: `part` cleans one part of a dataset, `finish` makes one dataset of the parts again. */
export { finishClean as finish } from './finish';
export { cleanPart as part } from './part';
