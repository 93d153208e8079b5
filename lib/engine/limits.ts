import { ErrorName, StateFailure } from './errors';

/** Quota of the service for anything that passes between states. */
export const MAX_PAYLOAD_BYTES = 262_144;

/** Fails the state when what it makes does not fit. `json` is the value as JSON text. */
export function checkPayload(json: string, what: string): void {
  // UTF-8 takes at most three bytes for a UTF-16 unit: short texts need no counting.
  if (json.length * 3 <= MAX_PAYLOAD_BYTES) return;
  checkPayloadBytes(Buffer.byteLength(json), what);
}

/** As {@link checkPayload}, for a value whose size is known. */
export function checkPayloadBytes(bytes: number, what: string): void {
  if (bytes <= MAX_PAYLOAD_BYTES) return;
  throw new StateFailure(ErrorName.DATA_LIMIT_EXCEEDED, `${what} with a size exceeding the maximum number of bytes service limit.`);
}
