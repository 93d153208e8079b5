import type { Execution } from '../../engine';

/** One try of a Task, Parallel or Map. Times are milliseconds since the start of the run. */
export interface SimulatedAttempt {
  readonly start: number;
  readonly end: number;
  /** Name of the error, if the try failed. */
  readonly error?: string;
  /** The visit it belongs to: retries are tries of one visit. */
  readonly visit: number;
  /** Index of the item, inside a Map. */
  readonly item?: number;
}

/** A message that was published. */
export interface Published {
  /** ARN of the topic or other target. */
  readonly topic: string;
  readonly subject?: string;
  readonly message: string;
  /** The state that published it, or the logical id of the EventBridge rule that sent it. */
  readonly by: string;
  readonly from: 'machine' | 'rule';
  /** Whether it tells of a failure: from there the run could only fail, or it is sent because the run ended without success. */
  readonly alert: boolean;
}

/** An EventBridge event. */
export type StatusEvent = Readonly<Record<string, unknown>>;

/** What came of a simulated run. */
export interface Simulation extends Pick<Execution, 'status' | 'output' | 'error' | 'cause' | 'history' | 'transitions'> {
  /** Virtual milliseconds from start to end. */
  readonly ms: number;
  /** The tries of each Task, Parallel and Map that was visited, in their order. */
  readonly attempts: Readonly<Record<string, readonly SimulatedAttempt[]>>;
  /** The states that were entered, each once, in the order of their first entry. */
  readonly entered: readonly string[];
  /** Everything published, in its order. */
  readonly published: readonly Published[];
  /** What of it is an alert. */
  readonly alerts: readonly Published[];
  /** What of it is not. */
  readonly notifications: readonly Published[];
  /** The status change events that Step Functions sends to EventBridge. */
  readonly events: readonly StatusEvent[];
  /** What is in S3 at the end as text, by `s3://bucket/key`: what was given, and what Distributed Maps wrote. */
  readonly objects: Readonly<Record<string, string>>;
  /** The definition that ran. */
  readonly definition: object;
}
