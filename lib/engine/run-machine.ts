import type { Program } from './definition';
import { StateFailure, Stopped } from './errors';
import { Frame, type Run } from './frame';
import type { RunProgram } from './parallel';
import type { Resumption } from './redrive';
import { OVER } from './signals';

/** How an execution ended. */
export interface Outcome {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** What ends an execution that does not end by itself. */
export interface Bounds {
  /** The longest it may take. */
  readonly seconds?: number;
  readonly stop: AbortController;
}

/**
 * Runs an execution, from its first event to its last, until it ends by itself, by its time or because `stop` aborts with a `Stopped`.
 * `input` is JSON text.
 */
export async function runMachine(
  program: Program,
  input: string,
  run: Run,
  { seconds, stop }: Bounds,
  runProgram: RunProgram,
  from?: Resumption,
): Promise<Outcome> {
  const { clock, history } = run;
  const timer = new AbortController();
  if (seconds !== undefined) {
    clock.sleep(seconds * 1000, timer.signal).then(
      () => stop.abort(new Stopped('TIMED_OUT')),
      () => {},
    );
  }
  const frame = begin(input, run, stop.signal, from);
  try {
    const output = await runProgram(program, JSON.parse(input), frame, from);
    history.end('ExecutionSucceeded', frame.previous, {
      executionSucceededEventDetails: { output: JSON.stringify(output), outputDetails: { truncated: false } },
    });
    return { status: 'SUCCEEDED', output };
  } catch (error) {
    return end(error, frame);
  } finally {
    timer.abort(OVER);
  }
}

/** The line of the machine itself, after the event that starts the execution, or starts it again. */
function begin(input: string, run: Run, signal: AbortSignal, from: Resumption | undefined): Frame {
  const { history, context } = run;
  const { RoleArn: roleArn, RedriveCount: redriveCount } = context.Execution;
  const frame = new Frame(run, signal);
  if (from === undefined) {
    history.record('ExecutionStarted', 0, { executionStartedEventDetails: { input, inputDetails: { truncated: false }, roleArn } });
    return frame;
  }
  frame.previous = history.record('ExecutionRedriven', history.events.length, { executionRedrivenEventDetails: { redriveCount } });
  const values = Object.fromEntries(Object.entries(from.variables).map(([name, text]) => [name, JSON.parse(text)]));
  frame.variables.assign(values, from.variables);
  return frame;
}

function end(error: unknown, frame: Frame): Outcome {
  const { history } = frame.run;
  if (error instanceof StateFailure) {
    history.end('ExecutionFailed', frame.previous, { executionFailedEventDetails: details(error) });
    return { status: 'FAILED', ...details(error) };
  }
  if (!(error instanceof Stopped)) throw error;
  // As in the service: it follows from no event of the execution.
  if (error.status === 'ABORTED') history.end('ExecutionAborted', 0, { executionAbortedEventDetails: details(error) });
  else if (error.status === 'TIMED_OUT') history.end('ExecutionTimedOut', frame.previous);
  else history.end('ExecutionFailed', frame.previous, { executionFailedEventDetails: details(error) });
  return { status: error.status, ...details(error) };
}

/** Error and cause as events and outcomes hold them. */
export function details({ error, cause }: { error?: string; cause?: string }): { error?: string; cause?: string } {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}
