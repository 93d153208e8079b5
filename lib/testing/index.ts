export { aslOf } from './asl-of';
export { formatAsl } from './format-asl';
