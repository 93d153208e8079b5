export type { Around, Attempt } from './attempt';
export { type Clock, RealClock, VirtualClock } from './clock';
export type { ChildExecution } from './distributed/child';
export { Stopped, TaskError, UnsupportedDefinitionError } from './errors';
export { type ExecuteOptions, type Execution, execute } from './execute';
export type { HistoryEvent } from './history';
export type { ListedObject, ObjectLocation, S3 } from './s3';
export type { TaskHandler, TaskRequest } from './task';
export { unsupported } from './unsupported';
