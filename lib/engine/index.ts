export type { Around, Attempt } from './attempt';
export { type Clock, RealClock, VirtualClock } from './clock';
export { Stopped, TaskError, UnsupportedDefinitionError } from './errors';
export { type ExecuteOptions, type Execution, execute } from './execute';
export type { HistoryEvent } from './history';
export type { TaskHandler, TaskRequest } from './task';
export { unsupported } from './unsupported';
