import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StateMachineAsl } from '../asl';
import { failurePath, integrationOf } from '../asl/steps';
import { walk } from '../asl/walk';
import { type Clock, type Execution, execute, RealClock, type TaskHandler } from '../engine';
import { deliveries, statusChangeEvent } from '../events/status-event';
import type { Counts, Dataset } from '../runtime/contract';
import type { DeployedMachine, DeployedRule, Deployment } from './deployment';
import { type LocalEnvironment, openEnvironment, type SourceConnection } from './environment';
import { type Fault, injectFaults } from './faults';
import { paths } from './paths';
import { Progress, type StateProgress } from './progress';

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
 * Throws before the first state runs when the definition asks for something that is not emulated.
 */
export async function runLocal(options: LocalRunOptions): Promise<LocalRun> {
  const { deployment, clock = new RealClock(), faults = [] } = options;
  const out = resolve(options.out);
  const machine = machineOf(deployment, options.machine);
  const observed = new Observations(failurePath(machine.definition));
  let environment: LocalEnvironment | undefined;
  const handler: TaskHandler = async ({ resource, arguments: args, signal, state }) => {
    const integration = integrationOf(resource);
    const result = await environment!.integrations[integration]!(args as Record<string, unknown>, signal);
    observed.call(state, integration, args as Record<string, unknown>);
    return result;
  };
  const tasks = injectFaults(handler, faults, machine.definition);
  mkdirSync(out, { recursive: true });
  environment = await openEnvironment({ ...deployment, machines: [machine] }, out, clock, options.source);
  try {
    refuseUnknown(machine, Object.keys(environment.integrations), deployment.rules);
    return await run(machine, { ...options, out, clock }, tasks, observed, environment);
  } finally {
    await environment.close();
  }
}

async function run(
  machine: DeployedMachine,
  options: LocalRunOptions & { readonly clock: Clock },
  tasks: TaskHandler,
  observed: Observations,
  environment: LocalEnvironment,
): Promise<LocalRun> {
  const { clock, input = {}, runId = newRunId(), onProgress, random, abort } = options;
  const progress = new Progress();
  const show = () => onProgress?.(progress.states(clock.now()));
  // A state that takes long brings no event that would show its time.
  const ticking = setInterval(show, TICK_MS);
  const execution = await execute(machine.definition, {
    name: runId,
    stateMachineName: machine.name,
    input,
    tasks,
    clock,
    random,
    abort,
    region: machine.region,
    account: machine.account,
    onEvent: (event) => {
      progress.see(event);
      show();
    },
  }).finally(() => clearInterval(ticking));
  writeFileSync(paths(options.out).history, `${JSON.stringify({ events: execution.history }, null, 1)}\n`);
  for (const { arn, message } of deliveries(options.deployment.rules, statusChangeEvent(machine, runId, input, execution))) {
    await environment.aws.topics.publish({ topicArn: arn, message });
    observed.alerts.push({ subject: null, message });
  }
  const { status, output, error, cause, transitions, startDate, stopDate } = execution;
  return {
    status,
    runId,
    output,
    error,
    cause,
    states: progress.states(stopDate),
    transitions,
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

  constructor(private readonly failurePath: ReadonlySet<string>) {}

  call(state: string, integration: string, args: Readonly<Record<string, unknown>>): void {
    if (integration === 'sns:publish') {
      const message = typeof args.Message === 'string' ? args.Message : JSON.stringify(args.Message);
      (this.failurePath.has(state) ? this.alerts : this.notifications).push({ subject: (args.Subject as string | undefined) ?? null, message });
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

/** Says everything that cannot be emulated at once, before a row moves. */
function refuseUnknown({ definition }: DeployedMachine, known: readonly string[], rules: readonly DeployedRule[]): void {
  const tasks = walk(definition as unknown as StateMachineAsl).visits.filter(({ state }) => state.Type === 'Task');
  const problems = [
    ...tasks
      .filter(({ state }) => !known.includes(integrationOf(state.Resource ?? '')))
      .map(({ name, state }) => `state '${name}': ${state.Resource} is not emulated`),
    ...rules.flatMap(({ logicalId, targets }) =>
      targets
        .filter(({ arn }) => arn.split(':')[2] !== 'sns')
        .map(({ arn }) => `rule '${logicalId}': the target ${arn} is not emulated, only SNS topics are`),
    ),
  ];
  if (problems.length === 0) return;
  throw new Error(`the app cannot run locally:\n${problems.map((problem) => `- ${problem}`).join('\n')}\nemulated are: ${known.join(', ')}`);
}

function newRunId(): string {
  const stamp = new Date()
    .toISOString()
    .replace(/[-:]|\.\d+Z$/g, '')
    .replace('T', '-');
  return `local-${stamp}-${Math.random().toString(36).slice(2, 6).padEnd(4, '0')}`;
}
