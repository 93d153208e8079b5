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
  /**
   * The token that `$states.context.Task.Token` gives a task that waits for one; undefined for other tasks. The handler's promise is what
   * the token stands for. A host that hands the token out keeps the promise open: SendTaskSuccess resolves it with the output, SendTaskFailure
   * rejects it with a `TaskError`, SendTaskHeartbeat calls `heartbeat`, and once `signal` aborts the token has expired. Waiting for somebody
   * outside is real work, so a virtual clock stands still meanwhile; to let its timeouts pass, wait with `clock.sleep(Infinity, signal)`.
   */
  readonly token?: string;
  /**
   * For a task that waits for a job or for its token: tells the history that the service took the request, and what it answered. Without it,
   * and at the latest, that is told when the task ends, without an answer.
   */
  readonly submitted?: (answer?: unknown) => void;
}

/** Does the work of a task. Resolves with the task's result; rejects with a `TaskError` for an error that the service would report. */
export type TaskHandler = (request: TaskRequest) => Promise<unknown>;
