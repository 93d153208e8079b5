/** An error as a service reports it to a state: a name that Retry and Catch match, and a cause for people. */
export class TaskError extends Error {
  override readonly name = 'TaskError';

  constructor(
    readonly error: string,
    override readonly cause?: string,
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
