/** An execution as it was recorded on the service, its history scrubbed of what differs from account to account. */
export interface Recording {
  readonly name: string;
  readonly definition: object;
  readonly input?: unknown;
  readonly events: readonly RecordedEvent[];
}

/** An event of a recorded history. */
export interface RecordedEvent {
  /** An array where the recorder put the events of branches in an order of its own, and then says nothing of the predecessor. */
  readonly id: number | readonly number[];
  readonly previousEventId: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

/** Reads a file of recordings. */
export function parseRecordings(text: string): Recording[] {
  const recordings: Recording[] = JSON.parse(text);
  if (!Array.isArray(recordings))
    throw new Error(`the recordings are an ${typeof recordings}, but must be an array of { name, definition, input, events }`);
  return recordings;
}

/** What an event tells beside its type: the value of its one field `...EventDetails`. */
export function detailsOf(event: RecordedEvent): Readonly<Record<string, unknown>> {
  const found = Object.entries(event).find(([key]) => key.endsWith('EventDetails'));
  return (found?.[1] ?? {}) as Record<string, unknown>;
}

/** A value of the history. The recorder left JSON text as text unless it is an object. */
export function jsonOf(recorded: unknown): unknown {
  if (typeof recorded !== 'string') return recorded;
  try {
    return JSON.parse(recorded);
  } catch {
    return recorded;
  }
}
