import type { PERMANENT_ERRORS } from '../contract';

/** One of the error names that the retry policy does not retry. */
export type PermanentErrorName = (typeof PERMANENT_ERRORS)[number];

/** An error that no retry can mend. Lambda reports `name` as the error, which is what the retrier with MaxAttempts 0 matches. */
export class PermanentError extends Error {
  constructor(name: PermanentErrorName, message: string) {
    super(message);
    this.name = name;
  }
}

/** Longest list of names that goes into a message: an error's cause is cut in state and alert. */
const LISTED = 10;

/** `'a', 'b', 'c' and 4 more`, for messages. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).map((name) => `'${name}'`);
  return names.length > LISTED ? `${shown.join(', ')} and ${names.length - LISTED} more` : shown.join(', ');
}
