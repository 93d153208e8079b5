import { randomUUID } from 'node:crypto';
import { TaskError } from '../../engine';
import { type AwsError, asAwsError, NOT_EMULATED } from './error';

/** Does what a state machine asks a service for, by the arguments of a direct integration. */
export type Integration = (args: Record<string, unknown>, signal: AbortSignal) => Promise<unknown>;

/** An error of the service, as the integration names it. */
export type ErrorNames = (error: AwsError) => TaskError;

/** The cause of a failed SDK call, in the words of the SDK that the service uses. */
export const causeOf = (service: string, { message, status }: AwsError): string =>
  `${message} (Service: ${service}, Status Code: ${status}, Request ID: ${randomUUID()})`;

/** Takes arguments as the service does: only fields that the API has, those that it requires present. `folder` is named when the disk is the problem. */
export function integration(
  fields: { readonly required: readonly string[]; readonly optional: readonly string[] },
  call: (args: Record<string, unknown>) => Promise<unknown> | unknown,
  errors: ErrorNames,
  folder: string,
): Integration {
  return async (args, signal) => {
    for (const name of Object.keys(args)) {
      if (!fields.required.includes(name) && !fields.optional.includes(name)) {
        throw new TaskError('States.Runtime', `The field "${name}" is not supported by Step Functions, or not emulated locally`);
      }
    }
    const missing = fields.required.filter((name) => args[name] === undefined);
    if (missing.length > 0) throw new TaskError('States.Runtime', `The field "${missing.join('", "')}" is required but was missing`);
    signal.throwIfAborted();
    try {
      return await call(args);
    } catch (error) {
      if (error instanceof TaskError) throw error;
      const answered = asAwsError(error, folder);
      // Not an error that the service would give, so none that a state may retry or catch.
      if (answered.code === NOT_EMULATED) throw new TaskError('States.Runtime', answered.message);
      throw errors(answered);
    }
  };
}

/** What the optimized integrations add to a service's answer. */
export function sdkMetadata(): Record<string, unknown> {
  const requestId = randomUUID();
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: { 'x-amzn-RequestId': [requestId] },
      HttpHeaders: { 'x-amzn-RequestId': requestId },
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

/** Text for a parameter of type string; the service serializes anything else as JSON. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
