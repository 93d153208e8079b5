import { stepOf } from '../../asl/steps';
import type { StateMachineAsl } from '../../asl/types';
import { walk } from '../../asl/walk';
import { times } from '../prove/judge';
import type { Published, Simulation } from '../simulate/simulation';

/** What a matcher tells jest. */
export interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What jest gives a matcher as `this`. */
export interface MatcherContext {
  equals(a: unknown, b: unknown): boolean;
}

/** The fields that a publication must have; jest's asymmetric matchers may stand for values. */
export type ExpectedPublication = { readonly [K in keyof Published]?: unknown };

export function toHaveSucceeded(run: Simulation): Verdict {
  requireSimulation(run);
  return verdict(run.status === 'SUCCEEDED', run, 'to have succeeded');
}

export function toHaveFailedWith(run: Simulation, error: string, cause?: string | RegExp): Verdict {
  requireSimulation(run);
  const because = cause === undefined || (typeof cause === 'string' ? run.cause?.includes(cause) : cause.test(run.cause ?? ''));
  const wanted = cause === undefined ? `'${error}'` : `'${error}' because of ${cause}`;
  return verdict(run.status === 'FAILED' && run.error === error && because === true, run, `to have failed with ${wanted}`);
}

export function toHaveRetried(run: Simulation, name: string, retries: number): Verdict {
  requireSimulation(run);
  const most = mostRetries(run, name);
  const found = most === undefined ? 'it was never tried' : `it was retried ${times(most)}: ${triesOf(run, name)}`;
  return verdict(most === retries, run, `to have retried '${name}' ${times(retries)}`, found);
}

export function toHaveAlertedOnce(run: Simulation): Verdict {
  requireSimulation(run);
  const topics = new Set(run.alerts.map(({ topic }) => topic));
  const found = `${run.alerts.length === 0 ? 'nobody was alerted' : `alerts: ${listed(run.alerts)}`}`;
  return verdict(topics.size > 0 && topics.size === run.alerts.length, run, 'to have alerted once', found);
}

export function toHavePublished(this: MatcherContext, run: Simulation, expected: string | RegExp | ExpectedPublication): Verdict {
  requireSimulation(run);
  const found = run.published.length === 0 ? 'nothing was published' : `published: ${listed(run.published)}`;
  const wanted = typeof expected === 'object' && !(expected instanceof RegExp) ? JSON.stringify(expected) : String(expected);
  return verdict(
    run.published.some((each) => fits(each, expected, this)),
    run,
    `to have published ${wanted}`,
    found,
  );
}

function fits(published: Published, expected: string | RegExp | ExpectedPublication, { equals }: MatcherContext): boolean {
  const text = `${published.subject ?? ''}\n${published.message}`;
  if (typeof expected === 'string') return text.includes(expected);
  if (expected instanceof RegExp) return expected.test(text);
  return Object.entries(expected).every(([field, value]) => equals(published[field as keyof Published], value));
}

/** The most retries of one visit of a state, or of any state of a step; undefined if none was tried. */
function mostRetries(run: Simulation, name: string): number | undefined {
  const visits = statesOf(run, name).flatMap((state) => run.attempts[state] ?? []);
  const counts = new Map<number, number>();
  for (const { visit } of visits) counts.set(visit, (counts.get(visit) ?? 0) + 1);
  return counts.size === 0 ? undefined : Math.max(...counts.values()) - 1;
}

function statesOf({ definition }: Simulation, name: string): string[] {
  const all = walk(definition as StateMachineAsl).visits.map((visit) => visit.name);
  if (all.includes(name)) return [name];
  const ofStep = all.filter((state) => stepOf(state) === name);
  if (ofStep.length === 0) throw new Error(`there is no state or step '${name}'; the machine has the states '${all.join("', '")}'`);
  return ofStep;
}

function triesOf(run: Simulation, name: string): string {
  const tries = statesOf(run, name).flatMap((state) => (run.attempts[state] ?? []).map((each) => ({ state, ...each })));
  return tries.map(({ state, start, error }) => `${state} at ${start / 1000} s${error === undefined ? '' : ` (${error})`}`).join(', ');
}

function listed(published: readonly Published[]): string {
  return published.map(({ by, subject, message }) => `${by}: ${subject ?? message}`).join('; ');
}

function verdict(pass: boolean, run: Simulation, wanted: string, found?: string): Verdict {
  const ended = `it ended ${run.status}${run.error === undefined ? '' : ` with ${run.error}: ${run.cause ?? ''}`}`;
  return { pass, message: () => `expected the run ${pass ? 'not ' : ''}${wanted}\n${[found, ended].filter(Boolean).join('\n')}` };
}

function requireSimulation(run: Simulation): void {
  if (run instanceof Promise) throw new Error('expected a simulated run, got a promise of one; write expect(await simulate(stack))');
  if (!Array.isArray(run?.history)) throw new Error(`expected a simulated run, got ${typeof run}; write expect(await simulate(stack))`);
}
