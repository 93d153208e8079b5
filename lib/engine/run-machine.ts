import type { Program } from './definition';
import { StateFailure, Stopped } from './errors';
import { Frame, type Run } from './frame';
import type { RunProgram } from './parallel';
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
export async function runMachine(program: Program, input: string, run: Run, { seconds, stop }: Bounds, runProgram: RunProgram): Promise<Outcome> {
  const { clock, history } = run;
  const timer = new AbortController();
  if (seconds !== undefined) {
    clock.sleep(seconds * 1000, timer.signal).then(
      () => stop.abort(new Stopped('TIMED_OUT')),
      () => {},
    );
  }
  const roleArn = run.context.Execution.RoleArn;
  history.record('ExecutionStarted', 0, { executionStartedEventDetails: { input, inputDetails: { truncated: false }, roleArn } });
  const frame = new Frame(run, stop.signal);
  try {
    const output = await runProgram(program, JSON.parse(input), frame);
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
