import type { Around } from './attempt';
import { type Clock, RealClock } from './clock';
import type { Machine } from './definition';
import type { ChildExecution } from './distributed/child';
import { Stopped, UnsupportedDefinitionError } from './errors';
import type { Run } from './frame';
import { dialect } from './functions';
import { History, type HistoryEvent } from './history';
import { runProgram } from './interpreter';
import { resumptionOf } from './redrive';
import { type Outcome, runMachine } from './run-machine';
import type { S3 } from './s3';
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
  /** Where Distributed Maps read items and write results. Without it a machine that has such a reader or writer is refused. */
  readonly s3?: S3;
  /** Sees each child execution of a Distributed Map as it ends. Without it nobody keeps the histories of children. */
  readonly onChild?: (child: ChildExecution) => void;
  /** Sees each event as it happens. */
  readonly onEvent?: (event: HistoryEvent) => void;
  /** Stops the execution: it ends ABORTED, with the error and cause of the signal's reason if that is a `Stopped`. */
  readonly abort?: AbortSignal;
  /** What an execution of this machine left that ended without success, and goes on now. @default - the execution is new */
  readonly redrive?: Redrive;
  /** The role that the context object names. @default - one named after the state machine */
  readonly roleArn?: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default '123456789012' */
  readonly account?: string;
}

/** An execution to go on with. */
export interface Redrive {
  /** All its events. */
  readonly history: readonly HistoryEvent[];
  /** Which time this is, from 1. */
  readonly count: number;
  /** When it was started, epoch milliseconds. */
  readonly startDate: number;
}

/** How an execution ended. */
export interface Execution extends Outcome {
  readonly history: HistoryEvent[];
  /** States entered plus retries, as the service bills them. */
  readonly transitions: number;
  /** Epoch milliseconds. */
  readonly startDate: number;
  readonly stopDate: number;
}

/** Quota of the service: an execution lives a year. */
const LONGEST_EXECUTION_SECONDS = 365 * 24 * 3600;

/** Runs a JSONata state machine as the service would. Rejects only when the definition cannot run here (`UnsupportedDefinitionError`). */
export async function execute(definition: object, options: ExecuteOptions): Promise<Execution> {
  const problems = unsupported(definition, options);
  if (problems.length > 0) throw new UnsupportedDefinitionError(problems);
  const machine = definition as Machine;
  const { clock = new RealClock(), random = Math.random, region = 'us-east-1', account = '123456789012' } = options;
  const now = () => clock.now();
  const { redrive } = options;
  const from = redrive && resumptionOf(machine, redrive.history);
  if (redrive && !from) throw new Error('the execution cannot go on: it left every state that it entered');
  const startDate = redrive?.startDate ?? now();
  const input = JSON.stringify(options.input === undefined ? {} : options.input);
  const arn = (type: string, name: string) => `arn:aws:states:${region}:${account}:${type}:${name}`;
  const run: Run = {
    clock,
    random,
    jitter: options.jitter ?? random,
    around: options.around,
    tasks: options.tasks,
    s3: options.s3,
    onChild: options.onChild,
    history: new History(now, options.onEvent, true, redrive?.history),
    region,
    arn,
    context: {
      Execution: {
        Id: arn('execution', `${options.stateMachineName}:${options.name}`),
        Input: JSON.parse(input),
        Name: options.name,
        RoleArn: options.roleArn ?? `arn:aws:iam::${account}:role/${options.stateMachineName}`,
        StartTime: new Date(startDate).toISOString(),
        RedriveCount: redrive?.count ?? 0,
        ...(redrive && { RedriveTime: new Date(now()).toISOString() }),
      },
      StateMachine: { Id: arn('stateMachine', options.stateMachineName), Name: options.stateMachineName },
    },
    functions: dialect({ now, random }),
    variables: { bytes: 0 },
    transitions: 0,
  };
  const seconds = Math.min(machine.TimeoutSeconds ?? Infinity, LONGEST_EXECUTION_SECONDS);
  const stop = newController();
  const unlink = stoppedBy(options.abort, stop);
  const outcome = await runMachine(machine, input, run, { seconds, stop }, runProgram, from).finally(unlink);
  return { ...outcome, history: run.history.events, transitions: run.transitions, startDate, stopDate: now() };
}

/** Stops the execution once the signal aborts. */
function stoppedBy(abort: AbortSignal | undefined, stop: AbortController): () => void {
  const onAbort = () => stop.abort(abort?.reason instanceof Stopped ? abort.reason : new Stopped('ABORTED'));
  if (abort?.aborted) onAbort();
  abort?.addEventListener('abort', onAbort, { once: true });
  return () => abort?.removeEventListener('abort', onAbort);
}
