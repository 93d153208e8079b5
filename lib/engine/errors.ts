/** The event that tells of a request that was not even taken, as `TaskFailed` or `TaskSubmitFailed`. */
export type Refusal = 'Failed' | 'SubmitFailed';

/** An error as a service reports it to a state: a name that Retry and Catch match, and a cause for people. */
export class TaskError extends Error {
  override readonly name = 'TaskError';

  constructor(
    readonly error: string,
    override readonly cause?: string,
    /** For a task that waits for a job or its token, when there is none: how the history tells so. @default - there is a job, and it failed */
    readonly refusal?: Refusal,
  ) {
    super(cause === undefined ? error : `${error}: ${cause}`);
  }
}

/** Thrown by `execute` before the first state runs: the definition asks for something this engine does not implement. */
export class UnsupportedDefinitionError extends Error {
  override readonly name = 'UnsupportedDefinitionError';

  constructor(readonly problems: readonly string[]) {
    super(`the definition cannot run in the local engine:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
  }
}

/** Error names of the service that the engine raises or treats apart. */
export const ErrorName = {
  ALL: 'States.ALL',
  DATA_LIMIT_EXCEEDED: 'States.DataLimitExceeded',
  EXCEED_TOLERATED_FAILURE_THRESHOLD: 'States.ExceedToleratedFailureThreshold',
  HEARTBEAT_TIMEOUT: 'States.HeartbeatTimeout',
  ITEM_READER_FAILED: 'States.ItemReaderFailed',
  NO_CHOICE_MATCHED: 'States.NoChoiceMatched',
  QUERY_EVALUATION_ERROR: 'States.QueryEvaluationError',
  RESULT_WRITER_FAILED: 'States.ResultWriterFailed',
  RUNTIME: 'States.Runtime',
  TASK_FAILED: 'States.TaskFailed',
  TIMEOUT: 'States.Timeout',
} as const;

/** A state failed. Both parts are optional because a Fail state need not name them. */
export class StateFailure extends Error {
  constructor(
    readonly error?: string,
    override readonly cause?: string,
    readonly refusal?: Refusal,
  ) {
    super(error);
  }

  /** What Retry and Catch may call it. */
  get names(): readonly string[] {
    return this.error === undefined ? [] : [this.error];
  }

  /** `$states.errorOutput` of a Catch. */
  get output(): Record<string, string> {
    return {
      ...(this.error === undefined ? {} : { Error: this.error }),
      ...(this.cause === undefined ? {} : { Cause: this.cause }),
    };
  }
}

/** A task was silent for too long. The service reports a timeout, and lets Retry and Catch tell it apart by a name of its own. */
export class HeartbeatTimeout extends StateFailure {
  constructor() {
    super(ErrorName.TIMEOUT);
  }

  override get names(): readonly string[] {
    return [ErrorName.TIMEOUT, ErrorName.HEARTBEAT_TIMEOUT];
  }
}

/** The whole execution ends here and now; no Retry or Catch sees it. */
export class Stopped extends Error {
  constructor(
    readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED',
    readonly error?: string,
    override readonly cause?: string,
  ) {
    super(status);
  }
}

/** A branch ends because a sibling failed. */
export class Cancelled extends Error {}
