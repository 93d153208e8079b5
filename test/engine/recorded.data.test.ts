import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HistoryEvent, TaskError, type TaskHandler } from '../../lib/engine';
import { run } from './support';

/** Executions recorded on the service; see the README beside the file. */
const FILE = join(__dirname, '../../../shared/recorded-asl/executions.json');

interface RecordedEvent {
  /** `[0]` where the recorder put events of parallel branches in an order of its own. */
  readonly id: number | number[];
  readonly previousEventId: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

interface Recording {
  readonly name: string;
  readonly definition: object;
  readonly input: unknown;
  readonly events: readonly RecordedEvent[];
}

const recordings: Recording[] = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : [];

/** What the service answered to the n-th task is what the n-th task is answered here. */
function answers(events: readonly RecordedEvent[]): TaskHandler {
  const outcomes = events.filter(({ type }) => /^(Task|LambdaFunction)(Succeeded|Failed|TimedOut)$/.test(type));
  return async () => {
    const event = outcomes.shift()!;
    const details = detailsOf(event);
    if (event.type.endsWith('Succeeded')) return parsed(details.output);
    throw new TaskError(details.error as string, typeof details.cause === 'string' ? details.cause : JSON.stringify(details.cause));
  };
}

function detailsOf(event: RecordedEvent): Record<string, unknown> {
  return Object.entries(event).find(([key]) => key.endsWith('EventDetails'))![1] as Record<string, unknown>;
}

/** The recorder left JSON text as text where it was no object. */
function parsed(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}

/** Brings a history into the form the recorder left: branch events sorted, and the event that closes a Parallel dropped. */
function scrubbed(history: readonly HistoryEvent[], recorded: readonly RecordedEvent[]): string[] {
  const ids = recorded.map(({ id }) => id).filter((id) => typeof id === 'number');
  const types: string[] = [];
  let group: string[] = [];
  for (const event of history) {
    const numbered = ids.includes(event.id);
    const dropped = /^ParallelState(Succeeded|Failed)$/.test(event.type) && !numbered;
    if (!numbered && !dropped) group.push(event.type);
    if (numbered) {
      types.push(...group.sort(), event.type);
      group = [];
    }
  }
  return types;
}

/** The recorder sorted by more than the type; only the order within a group is undone. */
function sortedGroups(recorded: readonly RecordedEvent[]): string[] {
  const types: string[] = [];
  let group: string[] = [];
  for (const { id, type } of recorded) {
    if (typeof id === 'number') {
      types.push(...group.sort(), type);
      group = [];
    } else group.push(type);
  }
  return types;
}

test('the recorded executions are at hand', () => {
  expect({ file: '../shared/recorded-asl/executions.json', recordings: recordings.length }).toEqual({
    file: '../shared/recorded-asl/executions.json',
    recordings: 65,
  });
});

describe.each(recordings.map((recording) => [recording.name.replace(/^.*::/, ''), recording] as const))('%s', (_name, recording) => {
  const { definition, input, events } = recording;
  const last = events.at(-1)!;
  const details = detailsOf(last);
  const start = () => run(definition, { input, tasks: answers(events) });

  test('ends as it did on the service', async () => {
    const execution = await start();
    expect(`Execution${execution.status[0]}${execution.status.slice(1).toLowerCase()}`).toBe(last.type);
    if (execution.status === 'SUCCEEDED') expect(execution.output).toEqual(parsed(details.output));
    else {
      expect(execution.error).toBe(details.error);
      if (typeof details.cause === 'string') expect(execution.cause).toBe(details.cause);
    }
  });

  test('has the events of the service, in their order', async () => {
    const { history } = await start();
    expect(scrubbed(history, events)).toEqual(sortedGroups(events));
  });

  test('has the details and predecessors of the service', async () => {
    const { history } = await start();
    for (const event of events.filter(({ id }) => typeof id === 'number')) {
      const ours = history.find(({ id }) => id === event.id)!;
      expect(ours.previousEventId).toBe(event.previousEventId);
      expect(shape(ours)).toEqual(shape(event));
    }
  });
});

/** Names of an event's details; their values were scrubbed. */
function shape(event: object): Record<string, string[]> {
  const details = Object.entries(event).filter(([key, value]) => key.endsWith('EventDetails') && typeof value === 'object');
  return Object.fromEntries(details.map(([key, value]) => [key, Object.keys(value as object).sort()]));
}
