import type { Around } from './attempt';
import { type Clock, RealClock } from './clock';
import type { Machine } from './definition';
import { StateFailure, Stopped, UnsupportedDefinitionError } from './errors';
import { Frame, type Run } from './frame';
import { dialect } from './functions';
import { History, type HistoryEvent } from './history';
import { runProgram } from './interpreter';
import { newController } from './signals';
import type { TaskHandler } from './task';
import { unsupported } from './unsupported';

/** What an execution needs from outside. */
export interface ExecuteOptions {
  /** Name of the execution. */
  readonly name: string;
  readonly stateMachineName: string;
  /** @default {} */
  readonly input?: unknown;
  readonly tasks: TaskHandler;
  /** @default RealClock */
  readonly clock?: Clock;
  /** Uniform in [0, 1); feeds $random and $uuid. @default Math.random */
  readonly random?: () => number;
  /** Uniform in [0, 1): which part of its delay a retry with full jitter waits. @default random */
  readonly jitter?: () => number;
  /** Stands around each attempt of a Task, Parallel or Map. @default - every attempt goes its way */
  readonly around?: Around;
  /** Sees each event as it happens. */
  readonly onEvent?: (event: HistoryEvent) => void;
  /** Stops the execution: it ends ABORTED, with the error and cause of the signal's reason if that is a `Stopped`. */
  readonly abort?: AbortSignal;
  /** The role that the context object names. @default - one named after the state machine */
  readonly roleArn?: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default '123456789012' */
  readonly account?: string;
}

/** How an execution ended. */
export interface Execution {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly history: HistoryEvent[];
  /** States entered plus retries, as the service bills them. */
  readonly transitions: number;
  /** Epoch milliseconds. */
  readonly startDate: number;
  readonly stopDate: number;
}

type Outcome = Pick<Execution, 'status' | 'output' | 'error' | 'cause'>;

/** Quota of the service: an execution lives a year. */
const LONGEST_EXECUTION_SECONDS = 365 * 24 * 3600;

/** Runs a JSONata state machine as the service would. Rejects only when the definition cannot run here (`UnsupportedDefinitionError`). */
export async function execute(definition: object, options: ExecuteOptions): Promise<Execution> {
  const problems = unsupported(definition);
  if (problems.length > 0) throw new UnsupportedDefinitionError(problems);
  const machine = definition as Machine;
  const { clock = new RealClock(), random = Math.random, jitter = random, around, tasks, region = 'us-east-1', account = '123456789012' } = options;
  const arn = (type: string, name: string) => `arn:aws:states:${region}:${account}:${type}:${name}`;
  const now = () => clock.now();
  const startDate = now();
  const input = JSON.stringify(options.input ?? {});
  const { roleArn = `arn:aws:iam::${account}:role/${options.stateMachineName}` } = options;
  const history = new History(now, options.onEvent);
  const context = {
    Execution: {
      Id: arn('execution', `${options.stateMachineName}:${options.name}`),
      Input: JSON.parse(input),
      Name: options.name,
      RoleArn: roleArn,
      StartTime: new Date(startDate).toISOString(),
      RedriveCount: 0,
    },
    StateMachine: { Id: arn('stateMachine', options.stateMachineName), Name: options.stateMachineName },
  };
  const run: Run = { clock, random, jitter, around, tasks, history, region, context, functions: dialect({ now, random }), transitions: 0 };

  const inputDetails = { truncated: false };
  history.record('ExecutionStarted', 0, { executionStartedEventDetails: { input, inputDetails, roleArn } });
  const outcome = await runMachine(machine, JSON.parse(input), run, options.abort);
  return { ...outcome, history: history.events, transitions: run.transitions, startDate, stopDate: now() };
}

/** Runs the machine until it ends by itself, by its time or by whoever aborts it, and writes the last event. */
async function runMachine(machine: Machine, input: unknown, run: Run, abort?: AbortSignal): Promise<Outcome> {
  const { clock, history } = run;
  const stop = newController();
  const ended = new AbortController();
  const onAbort = () => stop.abort(abort?.reason instanceof Stopped ? abort.reason : new Stopped('ABORTED'));
  if (abort?.aborted) onAbort();
  abort?.addEventListener('abort', onAbort, { once: true });
  const seconds = Math.min(machine.TimeoutSeconds ?? Infinity, LONGEST_EXECUTION_SECONDS);
  clock.sleep(seconds * 1000, ended.signal).then(
    () => stop.abort(new Stopped('TIMED_OUT')),
    () => {},
  );
  const frame = new Frame(run, stop.signal);
  try {
    const output = await runProgram(machine, input, frame);
    history.end('ExecutionSucceeded', frame.previous, {
      executionSucceededEventDetails: { output: JSON.stringify(output), outputDetails: { truncated: false } },
    });
    return { status: 'SUCCEEDED', output };
  } catch (error) {
    return end(error, frame);
  } finally {
    ended.abort();
    abort?.removeEventListener('abort', onAbort);
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

function details({ error, cause }: { error?: string; cause?: string }): { error?: string; cause?: string } {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}
