import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detailsOf, parseRecordings, readRecording } from '../../lib/engine/replay/recording';
import { replay, replayAll } from '../../lib/engine/replay/replay';

/** Executions recorded on the service; see the README beside the file. */
const FILE = join(__dirname, '../../../shared/recorded-asl/executions.json');

const recordings = existsSync(FILE) ? parseRecordings(readFileSync(FILE, 'utf8')).map(readRecording) : [];

test('the recorded executions come out the same', async () => {
  expect(await replayAll(recordings)).toEqual({ total: 65, outcome: 65, events: 65, failures: [] });
});

describe.each(recordings.map((recording) => [recording.name.replace(/^.*::/, ''), recording] as const))('%s', (_name, recording) => {
  const { events } = recording;

  test('fails for the recorded cause', async () => {
    const { cause } = detailsOf(events.at(-1)!);
    if (typeof cause === 'string') expect((await replay(recording)).cause).toBe(cause);
  });

  test('has the details and predecessors of the service', async () => {
    const { history } = await replay(recording);
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
