export { TaskError } from '../engine';
export { aslOf } from './asl-of';
export { formatAsl } from './format-asl';
export { mermaidOf } from './mermaid';
export { prove, proveAlerts } from './prove';
export type { Case, Proof, ProveOptions, Scenario } from './prove/options';
export { proofTable } from './prove/table';
export { simulate } from './simulate';
export {
  abortAt,
  expireAt,
  type Fault,
  fail,
  latency,
  malformed,
  throttle,
  timeOut,
} from './simulate/fault';
export type { ObjectContent } from './simulate/objects';
export type { Handler, HandlerRequest, SimulateOptions } from './simulate/options';
export type { Published, SimulatedAttempt, Simulation, StatusEvent } from './simulate/simulation';
