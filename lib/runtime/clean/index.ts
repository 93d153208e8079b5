/**
 * The Lambda functions behind `LambdaClean`: `part` cleans one part of a dataset, `finish` makes one dataset of the parts again, `rewrite` takes duplicates
 * out of a part.
 */
export { finishClean as finish } from './finish';
export { cleanPart as part } from './part';
export { rewritePart as rewrite } from './rewrite';
