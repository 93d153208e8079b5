import { VirtualClock } from '../clock';
import { Stopped, UnsupportedDefinitionError } from '../errors';
import { type Execution, execute } from '../execute';
import { answersOf } from './answers';
import { comparableTypes } from './event-types';
import { detailsOf, jsonOf, type RecordedEvent, type Recording } from './recording';
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

/** Runs the recorded definitions on a virtual clock, with tasks that answer as recorded, and compares what happens. */
export async function replayAll(recordings: readonly Recording[]): Promise<Replay> {
  let outcome = 0;
  let events = 0;
  const failures: ReplayFailure[] = [];
  for (const recording of recordings) {
    const { name } = recording;
    try {
      const execution = await replay(recording);
      const ending = endingDifference(execution, recording.events);
      const types = comparableTypes(execution.history, recording.events);
      const same = JSON.stringify(types.ours) === JSON.stringify(types.theirs);
      if (ending === undefined) outcome += 1;
      if (same) events += 1;
      if (ending === undefined && same) continue;
      const expected = { ...ending?.expected, ...(same ? {} : { events: types.theirs }) };
      failures.push({ name, expected, got: { ...ending?.got, ...(same ? {} : { events: types.ours }) } });
    } catch (error) {
      const got = error instanceof UnsupportedDefinitionError ? { unsupported: error.problems } : { problem: String(error) };
      failures.push({ name, expected: recording.events?.length > 0 ? endingOf(recording.events) : { events: 'at least one' }, got });
    }
  }
  return { total: recordings.length, outcome, events, failures };
}

/** Runs one recorded definition. */
export function replay({ definition, input = {}, events }: Recording): Promise<Execution> {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const last = events.at(-1)!;
  const { error, cause } = detailsOf(last) as { error?: string; cause?: string };
  // Nobody knows when it was stopped, but after which event.
  const onEvent = ({ id }: { id: number }) => {
    if (last.type === 'ExecutionAborted' && id === events.length - 1) stop.abort(new Stopped('ABORTED', error, cause));
  };
  return execute(definition, {
    name: 'replay',
    stateMachineName: 'recorded',
    clock,
    input,
    tasks: answersOf(events, clock),
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
