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
  readonly id?: number | readonly number[];
  readonly previousEventId?: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads a file of recordings: an array, or an object with the array as its only value. What is wrong with one of them is told when it is replayed. */
export function parseRecordings(text: string): unknown[] {
  const content: unknown = JSON.parse(text);
  const [only, ...more] = isObject(content) ? Object.values(content) : [content];
  if (Array.isArray(only) && more.length === 0) return only;
  throw new Error(`the recordings are ${kindOf(content)}, but must be an array of { name, definition, input, events }`);
}

/** What a recording goes by; `index` is its place in the file. */
export function nameOf(recording: unknown, index: number): string {
  return isObject(recording) && typeof recording.name === 'string' ? recording.name : `recording ${index + 1}`;
}

/**
 * A recording in one shape: the definition and the input as JSON, the input as the history has it where nothing else tells it, the events in their
 * order. Throws for what cannot be replayed.
 */
export function readRecording(recording: unknown, index: number): Recording {
  if (!isObject(recording)) throw new Error(`the recording is ${kindOf(recording)}, but must be an object`);
  const definition = jsonOf(recording.definition);
  if (!isObject(definition)) throw new Error(`the definition is ${kindOf(definition)}, but must be an object`);
  const events = eventsOf(recording.events);
  const { input = detailsOf(events[0]!).input } = recording;
  return { name: nameOf(recording, index), definition, input: jsonOf(input), events };
}

function eventsOf(recorded: unknown): RecordedEvent[] {
  const events = isObject(recorded) ? recorded.events : recorded;
  if (!Array.isArray(events) || events.length === 0) throw new Error(`the events are ${kindOf(events)}, but must be an array of at least one`);
  const odd = events.findIndex((event) => !isObject(event) || typeof event.type !== 'string');
  if (odd >= 0) throw new Error(`events[${odd}] has no type`);
  // A history may have been read from its end; ids that were taken away leave the events as they are.
  const ordered = events.every(({ id }) => typeof id === 'number') ? events.toSorted((one, other) => one.id - other.id) : events;
  if (!/^Execution(Succeeded|Failed|TimedOut|Aborted)$/.test(ordered.at(-1)!.type)) {
    throw new Error(`the last event is ${ordered.at(-1)!.type}, but must be the one that ends the execution`);
  }
  return ordered;
}

/** What an event tells beside its type: the value of its one field `...EventDetails`. */
export function detailsOf(event: RecordedEvent): Json {
  const found = Object.entries(event).find(([key]) => key.endsWith('EventDetails'));
  return (found?.[1] ?? {}) as Json;
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

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
