/** An error as an AWS service answers it: the code that an SDK shows as the error's name, a message, the HTTP status. */
export class AwsError extends Error {
  override readonly name = 'AwsError';

  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** The code of {@link notEmulated}. */
export const NOT_EMULATED = 'NotImplemented';

/** What this endpoint answers to everything it does not do, so that nothing is done half. */
export const notEmulated = (what: string): AwsError => new AwsError(NOT_EMULATED, `the local AWS endpoint does not emulate ${what}`, 501);

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** What to tell of an error that a full disk raised; undefined for any other error. */
export function fullDisk(error: unknown, folder: string): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !FULL.has(code)) return undefined;
  return `no space left on the disk of '${folder}' (${code}); free some, or choose another folder`;
}

/**
 * Makes an error that the file system raised into one that a client understands. A full disk is answered with a status that no SDK
 * retries: the run should stop at once and say which folder to look at.
 */
export function asAwsError(error: unknown, folder: string): AwsError {
  if (error instanceof AwsError) return error;
  const full = fullDisk(error, folder);
  if (full !== undefined) return new AwsError('InsufficientStorage', full, 507);
  return new AwsError('InternalError', `the local AWS endpoint failed on folder '${folder}': ${(error as Error).message}`, 500);
}
