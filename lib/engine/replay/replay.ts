import { VirtualClock } from '../clock';
import { Stopped, UnsupportedDefinitionError } from '../errors';
import { type Execution, execute } from '../execute';
import { answersOf, attemptsIn, type RecordedAttempt } from './answers';
import { comparableTypes } from './event-types';
import { ordersOf } from './orders';
import { detailsOf, jsonOf, nameOf, type RecordedEvent, type Recording, readRecording } from './recording';
import { equalsScrubbed } from './scrubbed';

/** How many of the recorded executions come out the same here. */
export interface Replay {
  readonly total: number;
  /** As many end with the status, output and error name that was recorded. */
  readonly outcome: number;
  /** As many have the event types that were recorded, in their order. */
  readonly events: number;
  readonly failures: readonly ReplayFailure[];
}

/** A recorded execution that does not come out the same. */
export interface ReplayFailure {
  readonly name: string;
  readonly expected: unknown;
  readonly got: unknown;
}

interface Ending {
  readonly status: string;
  readonly output?: unknown;
  readonly error?: unknown;
}

/** What is not as recorded. */
interface Difference {
  readonly ending?: { readonly expected: Ending; readonly got: Ending };
  readonly types?: { readonly expected: string[]; readonly got: string[] };
}

/** Runs the recorded definitions on a virtual clock, with tasks that answer as recorded, and compares what happens. A recording that cannot be replayed is a failure with the reason. */
export async function replayAll(recordings: readonly unknown[]): Promise<Replay> {
  let outcome = 0;
  let events = 0;
  const failures: ReplayFailure[] = [];
  for (const [index, recorded] of recordings.entries()) {
    const name = nameOf(recorded, index);
    let expected: unknown = 'a recording that can be replayed';
    try {
      const recording = readRecording(recorded, index);
      expected = endingOf(recording.events);
      const { ending, types } = await difference(recording);
      if (ending === undefined) outcome += 1;
      if (types === undefined) events += 1;
      if (ending === undefined && types === undefined) continue;
      const told = (which: 'expected' | 'got') => ({ ...ending?.[which], ...(types && { events: types[which] }) });
      failures.push({ name, expected: told('expected'), got: told('got') });
    } catch (error) {
      failures.push({
        name,
        expected,
        got: error instanceof UnsupportedDefinitionError ? { unsupported: error.problems } : { problem: String(error) },
      });
    }
  }
  return { total: recordings.length, outcome, events, failures };
}

/** How the replay differs at least: where the recording does not tell which attempt got which answer, any order that it allows will do. */
async function difference(recording: Recording): Promise<Difference> {
  let first: Difference | undefined;
  for (const attempts of ordersOf(attemptsIn(recording.events))) {
    const found = compare(await replay(recording, attempts), recording.events);
    if (found.ending === undefined && found.types === undefined) return found;
    first ??= found;
  }
  return first!;
}

function compare(execution: Execution, recorded: readonly RecordedEvent[]): Difference {
  const { ours, theirs } = comparableTypes(execution.history, recorded);
  const same = JSON.stringify(ours) === JSON.stringify(theirs);
  return { ending: endingDifference(execution, recorded), types: same ? undefined : { expected: theirs, got: ours } };
}

/** Runs one recorded definition. */
export function replay({ definition, input = {}, events }: Recording, attempts: readonly RecordedAttempt[] = attemptsIn(events)): Promise<Execution> {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const last = events.at(-1)!;
  const { error, cause } = detailsOf(last) as { error?: string; cause?: string };
  const before = typeof last.id === 'number' ? last.id - 1 : events.length - 1;
  // Nobody knows when it was stopped, but after which event.
  const onEvent = ({ id }: { id: number }) => {
    if (last.type === 'ExecutionAborted' && id === before) stop.abort(new Stopped('ABORTED', error, cause));
  };
  return execute(definition, {
    name: 'replay',
    stateMachineName: 'recorded',
    clock,
    input,
    tasks: answersOf(attempts, clock),
    onEvent,
    abort: stop.signal,
  });
}

function endingOf(events: readonly RecordedEvent[]): Ending {
  const last = events.at(-1)!;
  const { output, error } = detailsOf(last);
  const status = last.type
    .replace(/^Execution/, '')
    .replace('TimedOut', 'Timed_Out')
    .toUpperCase();
  return status === 'SUCCEEDED' ? { status, output: jsonOf(output) } : { status, ...(error === undefined ? {} : { error }) };
}

function endingDifference(execution: Execution, events: readonly RecordedEvent[]): { expected: Ending; got: Ending } | undefined {
  const expected = endingOf(events);
  const { status, output, error } = execution;
  const got = status === 'SUCCEEDED' ? { status, output } : { status, ...(error === undefined ? {} : { error }) };
  const same = status === expected.status && error === expected.error && equalsScrubbed(output, expected.output);
  return same ? undefined : { expected, got };
}
