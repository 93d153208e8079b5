import type { StateMachineAsl } from '../types';
import { type Visit, walk } from '../walk';
import type { Assumptions, Case } from './assumptions';
import { countRun, type RunCount, type StateCount, total } from './count';
import { type OwnPrices, type PriceName, priceOf } from './prices';
import { type Usage, usageOf } from './services';
import { DEFAULT_SECONDS } from './turns';

/** Quota of the service for one execution. */
export const MOST_EVENTS = 25_000;

/** What one state costs in one run. */
export interface StateCost {
  readonly name: string;
  readonly type: string;
  readonly transitions: number;
  readonly tries: number;
  /** Dollars for its transitions, or for its Express child executions. */
  readonly stepFunctions: number;
  /** Dollars for the service that it calls. */
  readonly services: number;
}

/** What one run costs. Dollars are list prices before free tiers. */
export interface RunCost {
  readonly transitions: number;
  /** Events of the execution's history, which has room for 25,000. */
  readonly events: number;
  readonly dollars: { readonly total: number; readonly transitions: number; readonly express: number; readonly services: number };
  /** What is used of services, by what they are billed by. */
  readonly usage: Usage;
  /** The states that it visits, the dearest first. */
  readonly states: readonly StateCost[];
}

/** What runs of a state machine cost. */
export interface Estimate extends Readonly<Record<Case, RunCost>> {
  /** What was assumed because nobody told. */
  readonly assumed: readonly string[];
}

/** What the runs of a state machine cost: nothing fails; the usual run; every try is needed and everything takes as long as it may. */
export function estimate(definition: object, assumptions: Assumptions = {}, prices: OwnPrices = {}): Estimate {
  const visits = new Map(walk(definition as StateMachineAsl).visits.map((visit) => [visit.name, visit]));
  const counts = (['best', 'expected', 'worst'] as const).map((kind) => countRun(definition, assumptions, kind));
  const [best, expected, worst] = counts.map((count) => costOf(count, visits, assumptions, prices));
  return { best: best!, expected: expected!, worst: worst!, assumed: [...counts[1]!.assumed, ...waiting(counts[1]!, assumptions)] };
}

function waiting({ loops }: RunCount, { seconds = {}, turns = {} }: Assumptions): string[] {
  const open = loops.filter(
    ({ waits, names }) => waits && ![...names].some((name) => name in turns || name in seconds || name.split(': ')[0]! in seconds),
  );
  return open.map(({ names }) => `the loop of '${[...names][0]}' waits ${DEFAULT_SECONDS} s for an answer`);
}

function costOf(count: RunCount, visits: ReadonlyMap<string, Visit>, assumptions: Assumptions, prices: OwnPrices): RunCost {
  const used = new Map<PriceName, number>();
  const use = (usage: Usage, times: number): number => {
    const names = Object.keys(usage) as PriceName[];
    for (const name of names) used.set(name, (used.get(name) ?? 0) + usage[name]! * times);
    return total(names.map((name) => usage[name]! * times * priceOf(name, prices)));
  };
  const states = count.states
    .filter(({ transitions }) => transitions > 0)
    .map((state): StateCost => {
      const visit = visits.get(state.name)!;
      const express = use(expressUsage(state, visit, assumptions), 1);
      const services = state.type === 'Task' ? use(usageOf(state.name, visit.state, assumptions), state.tries) : 0;
      const transitions = state.express ? 0 : state.transitions * priceOf('transition', prices);
      return {
        name: state.name,
        type: state.type,
        transitions: state.transitions,
        tries: state.tries,
        stepFunctions: transitions + express,
        services,
      };
    });
  const { natGigabytes = 0 } = assumptions;
  const services = total(states.map((state) => state.services)) + (natGigabytes === 0 ? 0 : use({ natGb: natGigabytes }, 1));
  const transitions = count.transitions * priceOf('transition', prices);
  const express = total(states.map(({ stepFunctions }) => stepFunctions)) - transitions;
  return {
    transitions: count.transitions,
    events: count.events,
    dollars: { total: transitions + express + services, transitions, express: Math.abs(express) < 1e-15 ? 0 : express, services },
    usage: Object.fromEntries(used),
    states: states.sort((one, other) => dollarsOf(other) - dollarsOf(one)),
  };
}

function dollarsOf({ stepFunctions, services }: StateCost): number {
  return stepFunctions + services;
}

/** Express child executions are billed by request and by duration at 64 MB. */
function expressUsage({ name, children = 0 }: StateCount, { inner, state }: Visit, { seconds = {} }: Assumptions): Usage {
  const kind = (state.ItemProcessor ?? state.Iterator)?.ProcessorConfig?.ExecutionType;
  if (kind !== 'EXPRESS' || inner.length === 0) return {};
  return { expressRequest: children, expressGbSecond: children * (seconds[name] ?? 1) * (64 / 1024) };
}
