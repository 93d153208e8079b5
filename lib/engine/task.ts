/** What a Task state asks of the world outside the engine. */
export interface TaskRequest {
  /** The ARN as in the ASL. */
  readonly resource: string;
  readonly arguments: unknown;
  /** Name of the state. */
  readonly state: string;
  /** RetryCount of the context object: 0 for the first try. */
  readonly attempt: number;
  /** The context object as the state sees it. */
  readonly context: Record<string, unknown>;
  /** Aborts when nobody waits for the result any more: the task timed out, a sibling failed, the execution was stopped. */
  readonly signal: AbortSignal;
  /** For a task that waits for its token: starts HeartbeatSeconds anew. */
  readonly heartbeat: () => void;
}

/** Does the work of a task. Resolves with the task's result; rejects with a `TaskError` for an error that the service would report. */
export type TaskHandler = (request: TaskRequest) => Promise<unknown>;
