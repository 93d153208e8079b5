/** One attempt of a Task, Parallel or Map. */
export interface Attempt {
  /** ARN of the execution: the children of a Distributed Map are executions of their own. */
  readonly execution: string;
  /** Name of the state. */
  readonly state: string;
  readonly type: 'Task' | 'Parallel' | 'Map';
  /** Id of the event of this visit's entry: the attempts of one visit share it, and no other visit of this execution has it. */
  readonly entry: number;
  /** RetryCount of the context object: 0 for the first try. */
  readonly attempt: number;
  /** Index of the item, inside a Map. */
  readonly item?: number;
  /** Aborts when the line of execution is stopped. */
  readonly signal: AbortSignal;
  /** Name of the error, once the attempt has failed: at its work or at what the state makes of the result. */
  error?: string;
}

/** Sees an attempt before and after its work, and may delay it, answer in its place, or fail it with a `TaskError`. */
export type Around = (attempt: Attempt, work: () => Promise<unknown>) => Promise<unknown>;
