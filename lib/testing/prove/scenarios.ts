import { simulateSubject } from '../simulate';
import { type Fault, fail } from '../simulate/fault';
import type { Simulation } from '../simulate/simulation';
import type { Subject } from '../simulate/target';
import type { ProveOptions, Scenario } from './options';

/** Retries wait this part of their delay: a jitter that is missing shows. */
export const JITTER = 0.5;

/** A scenario with its run without any fault of a case's own. */
export interface Baseline {
  readonly name: string;
  readonly options: Scenario & { readonly faults: readonly Fault[] };
  readonly run: Simulation;
  /** How long the run may take, in seconds. */
  readonly within?: number;
}

interface Known {
  readonly scenario: Scenario;
  /** How long the run may take, in seconds. */
  readonly within?: number;
}

/** Runs of the library's own steps. */
const KNOWN: Readonly<Record<string, Known>> = {
  'a usual run': { scenario: {} },
  'a run without rows': { scenario: { rows: 0 } },
  'a run whose statement fails': { scenario: { statements: ['fails'] }, within: 600 },
  'a run whose statement is aborted': { scenario: { statements: ['aborts'] }, within: 600 },
  'a run whose statements fail': { scenario: { statements: ['fails', 'fails', 'fails'] }, within: 600 },
  'a run whose statement hangs': { scenario: { statements: ['hangs'] } },
};

/** The runs that together reach what can be reached. One that is like another is left out. */
export async function baselines(subject: Subject, options: ProveOptions): Promise<Baseline[]> {
  const { input, handlers, columns } = options;
  const found: Baseline[] = [];
  const own = Object.entries(options.scenarios ?? {}).map(([name, scenario]): [string, Known] => [name, { scenario }]);
  for (const [name, { scenario, within }] of [...Object.entries(KNOWN), ...own]) {
    const common = { input, columns, ...scenario, handlers: { ...handlers, ...scenario.handlers }, faults: [] };
    const run = await simulateSubject(subject, { ...common, jitter: JITTER });
    if (!found.some((other) => isLike(other.run, run))) found.push({ name, options: common, run, within });
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
