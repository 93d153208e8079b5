import type { StateMachineAsl } from '../../asl/types';
import { walk } from '../../asl/walk';
import { simulateSubject } from '../simulate';
import { type Fault, fail } from '../simulate/fault';
import type { Simulation } from '../simulate/simulation';
import type { Subject } from '../simulate/target';
import type { ProveOptions, Scenario } from './options';

/** Retries wait this part of their delay: a jitter that is missing shows. */
export const JITTER = 0.5;

/** What a run is held to. */
interface Bounds {
  /** How long the run may take, in seconds. */
  readonly within?: number;
  /** How many batches of statements fail, which must be survived if a task of the step may fail as often. */
  readonly failures?: number;
}

/** A scenario with its run without any fault of a case's own. */
export interface Baseline extends Bounds {
  readonly name: string;
  readonly options: Scenario & { readonly faults: readonly Fault[] };
  readonly run: Simulation;
}

interface Known extends Bounds {
  readonly scenario: Scenario;
}

/** Runs of the library's own steps, some of which find another one at work. */
const KNOWN: Readonly<Record<string, Known>> = {
  'a usual run': { scenario: {} },
  'a run without rows': { scenario: { rows: 0 } },
  'a run whose statement fails': { scenario: { statements: ['fails'] }, within: 600, failures: 1 },
  'a run whose statement is aborted': { scenario: { statements: ['aborts'] }, within: 600, failures: 1 },
  'a run whose statements fail': { scenario: { statements: ['fails', 'fails', 'fails'] }, within: 600, failures: 3 },
  'a run whose statement hangs': { scenario: { statements: ['hangs'] }, failures: 1 },
  'a run without rows whose statement hangs': { scenario: { rows: 0, statements: ['hangs'] }, failures: 1 },
  'a run beside another one': { scenario: { lock: 'held' } },
  'a run after one that died': { scenario: { lock: 'left' } },
};

/** Runs that a pipeline is asked for by its run input. */
const ASKED: Readonly<Record<string, Scenario>> = {
  'a replay of a window': { input: { window: { low: '2025-01-01T00:00:00Z', high: '2025-02-01T00:00:00Z' } } },
  'a dry run': { input: { dryRun: true } },
};

/** The runs that together reach what can be reached. One that is like another is left out. */
export async function baselines(subject: Subject, options: ProveOptions): Promise<Baseline[]> {
  const { input, handlers, objects, columns } = options;
  const found: Baseline[] = [];
  const own = Object.entries(options.scenarios ?? {}).map(([name, scenario]): [string, Known] => [name, { scenario }]);
  const asked = takesRunInput(subject) ? Object.entries(ASKED).map(([name, scenario]): [string, Known] => [name, { scenario }]) : [];
  for (const [name, { scenario, ...bounds }] of [...Object.entries(KNOWN), ...asked, ...own]) {
    const common = { input, objects, columns, ...scenario, handlers: { ...handlers, ...scenario.handlers }, faults: [] };
    const run = await simulateSubject(subject, { ...common, jitter: JITTER });
    if (!found.some((other) => isLike(other.run, run))) found.push({ name, options: common, run, ...bounds });
  }
  const resumed = takesRunInput(subject) ? await resuming(subject, found[0]!) : [];
  return [...found, ...(await failing(subject, found[0]!)), ...resumed];
}

function takesRunInput({ machine }: Subject): boolean {
  return 'Run: Start' in (machine.definition as { States: object }).States;
}

/** Runs that go on where one failed for good: at its last task, and at the last that changes an item, before it gave its lock back. */
async function resuming(subject: Subject, { options, run: usual }: Baseline): Promise<Baseline[]> {
  const tried = Object.keys(usual.attempts);
  const changing = walk(subject.machine.definition as StateMachineAsl).visits.filter(({ state }) => state.Resource?.endsWith('dynamodb:updateItem'));
  const failed = new Set([tried.at(-1)!, tried.filter((state) => changing.some(({ name }) => name === state)).at(-1) ?? tried.at(-1)!]);
  const resumed = [...failed].map(async (state): Promise<Baseline> => {
    const after = await simulateSubject(subject, { ...options, faults: [fail(state, { error: 'States.Permissions' })], jitter: JITTER });
    const asked = { ...options, after, input: { resume: 'simulation' } };
    return {
      name: `a run that resumes one that failed at '${state}'`,
      options: asked,
      run: await simulateSubject(subject, { ...asked, jitter: JITTER }),
    };
  });
  return Promise.all(resumed);
}

/** The usual run with its first task failing for good: what an alert does. */
async function failing(subject: Subject, { options, run: usual }: Baseline): Promise<Baseline[]> {
  const [first] = Object.keys(usual.attempts);
  if (first === undefined) return [];
  const faults = [fail(first, { error: 'States.Permissions' })];
  const run = await simulateSubject(subject, { ...options, faults, jitter: JITTER });
  return [{ name: `a run that fails at '${first}'`, options: { ...options, faults }, run }];
}

function isLike(one: Simulation, other: Simulation): boolean {
  const errors = ({ attempts }: Simulation) => Object.values(attempts).map((tries) => tries.map(({ error }) => error ?? ''));
  return JSON.stringify([one.status, one.entered, errors(one)]) === JSON.stringify([other.status, other.entered, errors(other)]);
}
