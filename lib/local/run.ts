import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { failingStates } from '../asl/failing';
import { integrationOf } from '../asl/steps';
import { type Clock, type Execution, type HistoryEvent, RealClock, type TaskHandler } from '../engine';
import type { Counts, Dataset } from '../runtime/contract';
import { fullDisk } from './aws/error';
import type { DeployedMachine, Deployment } from './deployment';
import { type LocalEnvironment, openEnvironment, type SourceConnection } from './environment';
import { checkFaults, type Fault, injectFaults } from './faults';
import type { Interference } from './interference';
import { paths } from './paths';
import { Progress, type StateProgress } from './progress';
import { targetsNotEmulated } from './refusals';
import { type ExecutionDescription, StatesClient } from './states/client';

const TICK_MS = 500;

export interface LocalRunOptions {
  readonly deployment: Deployment;
  /**
   * Name or logical id of the state machine.
   * @default - the only one
   */
  readonly machine?: string;
  /** The folder of the run: buckets, tables, warehouse, messages and history stay in it, and a later run goes on from there. */
  readonly out: string;
  /** @default {} */
  readonly input?: unknown;
  /** Name of the execution. @default - a new one */
  readonly runId?: string;
  /** @default RealClock */
  readonly clock?: Clock;
  /** Where jitter comes from. @default Math.random */
  readonly random?: () => number;
  readonly faults?: readonly Fault[];
  /** @default - nothing interferes */
  readonly interference?: Interference;
  /** The database that the app's secrets lead to. */
  readonly source?: SourceConnection;
  /** Sees the states whenever one changes, and now and then while none does. */
  readonly onProgress?: (states: readonly StateProgress[]) => void;
  /** Stops the run: it ends ABORTED. */
  readonly abort?: AbortSignal;
}

/** A message as its subscribers would read it. EventBridge sends no subject. */
export interface Message {
  readonly subject: string | null;
  readonly message: string;
}

/** How a local run ended. */
export interface LocalRun {
  readonly status: Execution['status'];
  readonly runId: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly states: readonly StateProgress[];
  readonly transitions: number;
  readonly counts: Counts;
  /** What the failure path of the state machine or an event rule published. */
  readonly alerts: readonly Message[];
  /** What the state machine published otherwise. */
  readonly notifications: readonly Message[];
  /** The dataset that a state assigned last. */
  readonly dataset?: Dataset;
  /** The table that the last submitted batch of statements changed. */
  readonly table?: string;
  readonly ms: number;
}

/**
 * Runs a state machine of a synthesized app as it would run deployed: its own ASL, its own functions and scripts, on local services in `out`.
 * Starts and follows it as it would in AWS, by the Step Functions API.
 * Throws before the first state runs when the definition asks for something that is not emulated.
 */
export async function runLocal(options: LocalRunOptions): Promise<LocalRun> {
  const { deployment, clock = new RealClock(), random, source, faults = [] } = options;
  const out = resolve(options.out);
  const machine = machineOf(deployment, options.machine);
  checkFaults(faults, machine.definition);
  const problems = targetsNotEmulated(deployment.rules);
  if (problems.length > 0) throw new Error(`the app cannot run locally:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
  const observed = new Observations(failingStates(machine.definition));
  let environment: LocalEnvironment | undefined;
  try {
    mkdirSync(out, { recursive: true });
    environment = await openEnvironment({
      deployment: { ...deployment, machines: [machine] },
      out,
      clock,
      random,
      source,
      interference: options.interference,
      around: (tasks) => injectFaults(observed.watching(tasks), faults, machine.definition),
      onDelivery: (message) => observed.alerts.push({ subject: null, message }),
    });
    return await run(machine, { ...options, out, clock }, observed, environment);
  } catch (error) {
    const full = fullDisk(error, out);
    throw full === undefined ? error : new Error(full);
  } finally {
    await environment?.close();
  }
}

async function run(
  machine: DeployedMachine,
  options: LocalRunOptions & { readonly clock: Clock },
  observed: Observations,
  environment: LocalEnvironment,
): Promise<LocalRun> {
  const { clock, input = {}, runId = newRunId(), onProgress, abort } = options;
  const client = await StatesClient.local(environment.url, environment.region);
  const progress = new Progress();
  const show = () => onProgress?.(progress.states(clock.now()));
  // A state that takes long brings no event that would show its time.
  const ticking = setInterval(show, TICK_MS);
  try {
    await client.deploy(machine);
    const arn = await client.start(machine.arn, runId, input);
    // A virtual clock would run on while the request is on its way.
    const stop = () => void clock.inFlight(() => client.stop(arn)).catch(() => {});
    if (abort?.aborted) stop();
    abort?.addEventListener('abort', stop, { once: true });
    const events: HistoryEvent[] = [];
    await client.follow(arn, (event) => {
      events.push(event);
      progress.see(event);
      show();
    });
    abort?.removeEventListener('abort', stop);
    writeFileSync(paths(options.out).history, `${JSON.stringify({ events }, null, 1)}\n`);
    await environment.states.idle();
    return result(await client.describe(arn), runId, progress, observed);
  } finally {
    clearInterval(ticking);
    client.close();
  }
}

function result(execution: ExecutionDescription, runId: string, progress: Progress, observed: Observations): LocalRun {
  const { status, output, error, cause, startDate, stopDate = startDate } = execution;
  return {
    status: status as Execution['status'],
    runId,
    output,
    error,
    cause,
    states: progress.states(stopDate),
    transitions: progress.transitions,
    counts: { ...progress.dataset?.counts, ...(output as { counts?: Counts } | undefined)?.counts },
    alerts: observed.alerts,
    notifications: observed.notifications,
    dataset: progress.dataset,
    table: observed.table,
    ms: stopDate - startDate,
  };
}

/** What the state machine did that its result does not tell. */
class Observations {
  readonly alerts: Message[] = [];
  readonly notifications: Message[] = [];
  table?: string;

  constructor(private readonly failing: ReadonlySet<string>) {}

  /** Sees what a handler did. */
  watching(tasks: TaskHandler): TaskHandler {
    return async (request) => {
      const result = await tasks(request);
      this.see(request.state, integrationOf(request.resource), request.arguments as Record<string, unknown>);
      return result;
    };
  }

  private see(state: string, integration: string, args: Readonly<Record<string, unknown>>): void {
    if (integration === 'sns:publish') {
      const message = typeof args.Message === 'string' ? args.Message : JSON.stringify(args.Message);
      (this.failing.has(state) ? this.alerts : this.notifications).push({ subject: (args.Subject as string | undefined) ?? null, message });
    }
    if (integration.endsWith('ecuteStatement')) {
      const statements = [args.Sqls ?? args.Sql].flat().map(String);
      const target = /^\s*(?:MERGE|INSERT)\s+INTO\s+((?:"(?:[^"]|"")+"|\w+)(?:\.(?:"(?:[^"]|"")+"|\w+))?)/i;
      this.table = statements.flatMap((sql) => target.exec(sql)?.[1] ?? []).at(-1) ?? this.table;
    }
  }
}

function machineOf({ machines }: Deployment, wanted: string | undefined): DeployedMachine {
  const chosen = machines.filter(({ name, logicalId }) => wanted === undefined || wanted === name || wanted === logicalId);
  if (chosen.length === 1) return chosen[0]!;
  const names = machines.map(({ name }) => name).join(', ') || 'none';
  throw new Error(`expected one state machine${wanted === undefined ? '' : ` named '${wanted}'`}, the app has: ${names}; name one of them`);
}

function newRunId(): string {
  const stamp = new Date()
    .toISOString()
    .replace(/[-:]|\.\d+Z$/g, '')
    .replace('T', '-');
  return `local-${stamp}-${Math.random().toString(36).slice(2, 6).padEnd(4, '0')}`;
}
