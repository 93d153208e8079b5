/** What a command needs of the process it runs in. */
export interface CommandProcess {
  readonly argv: readonly string[];
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** One command of the command line. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Answers the exit code. `argv` is what follows the command's name. */
  readonly run: (process: CommandProcess) => Promise<number>;
}

/** A command line that cannot be read: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
