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

/** Runs of the library's own steps. */
const KNOWN: Readonly<Record<string, Known>> = {
  'a usual run': { scenario: {} },
  'a run without rows': { scenario: { rows: 0 } },
  'a run whose statement fails': { scenario: { statements: ['fails'] }, within: 600, failures: 1 },
  'a run whose statement is aborted': { scenario: { statements: ['aborts'] }, within: 600, failures: 1 },
  'a run whose statements fail': { scenario: { statements: ['fails', 'fails', 'fails'] }, within: 600, failures: 3 },
  'a run whose statement hangs': { scenario: { statements: ['hangs'] }, failures: 1 },
};

/** The runs that together reach what can be reached. One that is like another is left out. */
export async function baselines(subject: Subject, options: ProveOptions): Promise<Baseline[]> {
  const { input, handlers, objects, columns } = options;
  const found: Baseline[] = [];
  const own = Object.entries(options.scenarios ?? {}).map(([name, scenario]): [string, Known] => [name, { scenario }]);
  for (const [name, { scenario, ...bounds }] of [...Object.entries(KNOWN), ...own]) {
    const common = { input, objects, columns, ...scenario, handlers: { ...handlers, ...scenario.handlers }, faults: [] };
    const run = await simulateSubject(subject, { ...common, jitter: JITTER });
    if (!found.some((other) => isLike(other.run, run))) found.push({ name, options: common, run, ...bounds });
  }
  return [...found, ...(await failing(subject, found[0]!))];
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
