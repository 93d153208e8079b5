import type { HistoryEvent, TaskHandler } from '../engine';
import type { Service } from './aws/http';

/** What a test puts between the parts of a local run in order to break it. */
export interface Interference {
  /** Sees each event of an execution's history once it is written down. */
  readonly onEvent?: (event: HistoryEvent) => void;
  /** Stands between state machines and what does their tasks. */
  readonly tasks?: (tasks: TaskHandler) => TaskHandler;
  /** Stands between clients and a service of the endpoint: `s3`, `dynamodb`, `secretsmanager`, ... */
  readonly service?: (name: string, service: Service) => Service;
}
