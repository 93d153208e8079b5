import type { Edge, Scope, Visit } from './walk';

export type Facts = ReadonlySet<string>;

/** What an analysis says of one scope. */
export interface FlowProps {
  /** What holds on entry to the scope. */
  readonly entering: Facts;
  /** Where ways meet: keep what holds on `every` way, or on `any`. */
  readonly join: 'every' | 'any';
  /** What holds after leaving a state by this edge, from what held on entry to the state. */
  readonly through: (visit: Visit, edge: Edge, facts: Facts) => Facts;
}

const MEET = {
  every: (some: Facts, others: Facts): Facts => new Set([...some].filter((fact) => others.has(fact))),
  any: (some: Facts, others: Facts): Facts => new Set([...some, ...others]),
};

/** Follows every way through a scope, loops included, and says what holds on entry to each state that can be reached. */
export function flow(scope: Scope, props: FlowProps): Map<string, Facts> {
  const held = new Map<string, Facts>();
  const pending: [string, Facts][] = [[scope.startAt, props.entering]];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const [name, arriving] = item;
    const visit = scope.visits.get(name);
    const before = held.get(name);
    const facts = before === undefined ? arriving : MEET[props.join](before, arriving);
    if (!visit || facts.size === before?.size) continue;
    held.set(name, facts);
    for (const edge of visit.edges) pending.push([edge.to, props.through(visit, edge, facts)]);
  }
  return held;
}
