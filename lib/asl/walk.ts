import { type Marker, readMarker } from './marker';
import type { State, StateMachineAsl, States } from './types';

/** A state where it stands. */
export interface Visit {
  readonly name: string;
  readonly state: State;
  readonly scope: Scope;
  readonly marker?: Marker;
  /** All ways out, in the order in which they are tried. */
  readonly edges: readonly Edge[];
  /** The scopes inside a Parallel or Map. */
  readonly inner: readonly Scope[];
}

/** The states that can go to each other: the top level, a branch of a Parallel, the item processor of a Map. */
export interface Scope {
  readonly startAt: string;
  readonly visits: ReadonlyMap<string, Visit>;
  /** The Parallel or Map around it; undefined at the top level. */
  readonly owner?: Visit;
  /** Children of a Distributed Map are executions of their own: they see no variable of the machine. */
  readonly distributed: boolean;
}

export type EdgeKind = 'next' | 'choice' | 'default' | 'catch';

/** One way from a state to another. */
export interface Edge {
  readonly kind: EdgeKind;
  readonly to: string;
  /** The variables assigned on the way. */
  readonly assign: readonly string[];
  /** Of a `choice`: the rule's condition. */
  readonly condition?: unknown;
}

/** A machine taken apart. */
export interface Machine {
  readonly asl: StateMachineAsl;
  readonly top: Scope;
  /** Outer scopes before inner ones. */
  readonly scopes: readonly Scope[];
  /** Every state at every depth. */
  readonly visits: readonly Visit[];
}

/** Takes a machine apart: every state at every depth with the scope it stands in. */
export function walk(asl: StateMachineAsl): Machine {
  const top = scopeOf(asl);
  const scopes = withInner(top);
  return { asl, top, scopes, visits: scopes.flatMap((scope) => [...scope.visits.values()]) };
}

function scopeOf(states: States, owner?: Visit): Scope {
  const visits = new Map<string, Visit>();
  const scope: Scope = { startAt: states.StartAt, visits, owner, distributed: states.ProcessorConfig?.Mode === 'DISTRIBUTED' };
  for (const [name, state] of Object.entries(states.States)) {
    const inner: Scope[] = [];
    const visit: Visit = { name, state, scope, marker: readMarker(state), edges: edges(state), inner };
    visits.set(name, visit);
    for (const innerStates of innerScopes(state)) inner.push(scopeOf(innerStates, visit));
  }
  return scope;
}

/** The states of a Parallel's branches, or of a Map's item processor. */
function innerScopes({ Branches, ItemProcessor, Iterator }: State): readonly States[] {
  const processor = ItemProcessor ?? Iterator;
  return [...(Branches ?? []), ...(processor ? [processor] : [])];
}

function withInner(scope: Scope): Scope[] {
  return [scope, ...[...scope.visits.values()].flatMap(({ inner }) => inner.flatMap(withInner))];
}

/** Every state inside a Parallel or Map, at every depth. */
export function statesInside(container: Visit): Visit[] {
  return container.inner.flatMap(withInner).flatMap((scope) => [...scope.visits.values()]);
}

/** The state, then the Parallels and Maps around it, outwards. */
export function outwards(visit: Visit): Visit[] {
  return visit.scope.owner ? [visit, ...outwards(visit.scope.owner)] : [visit];
}

/** All ways out of a state, in the order in which they are tried; errors last. */
export function edges(state: State): Edge[] {
  const own = Object.keys(state.Assign ?? {});
  const next: Edge[] = state.Next === undefined ? [] : [{ kind: 'next', to: state.Next, assign: own }];
  const choices = (state.Choices ?? []).map(
    (rule): Edge => ({ kind: 'choice', to: rule.Next, assign: Object.keys(rule.Assign ?? {}), condition: rule.Condition }),
  );
  const otherwise: Edge[] = state.Default === undefined ? [] : [{ kind: 'default', to: state.Default, assign: own }];
  const catches = (state.Catch ?? []).map((catcher): Edge => ({ kind: 'catch', to: catcher.Next, assign: Object.keys(catcher.Assign ?? {}) }));
  return [...next, ...choices, ...otherwise, ...catches];
}

/** Whether the state ends its scope without an error. */
export function endsWell(state: State): boolean {
  return state.Type === 'Succeed' || state.End === true;
}

/** Whether the state may run others inside it, or fail by itself: the types that have Retry and Catch. */
export function canRetry(state: State): boolean {
  return state.Type === 'Task' || isContainer(state);
}

export function isContainer(state: State): boolean {
  return state.Type === 'Parallel' || state.Type === 'Map';
}

/** Names of the states that `from` leads to, itself included, over the edges that are followed. Names that do not exist are left out. */
export function reachable(scope: Scope, from: string, follow?: Follow): Set<string> {
  return reachableFrom(scope, [from], follow);
}

/** Says which ways count. */
export type Follow = (edge: Edge, visit: Visit) => boolean;

function reachableFrom(scope: Scope, from: readonly string[], follow: Follow = () => true): Set<string> {
  const seen = new Set<string>();
  const pending = [...from];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const visit = scope.visits.get(name);
    if (!visit || seen.has(name)) continue;
    seen.add(name);
    for (const edge of visit.edges) if (follow(edge, visit)) pending.push(edge.to);
  }
  return seen;
}

/**
 * The loops of a scope: sets of states that all lead to each other (its strongly connected components that have an edge inside).
 * A scope has few states, so asking for each state what it reaches is fast enough and plain to read.
 */
export function loops(scope: Scope, follow: Follow = () => true): Set<string>[] {
  const reach = new Map([...scope.visits].map(([name, visit]) => [name, successors(scope, visit, follow)]));
  const found: Set<string>[] = [];
  for (const [name, reached] of reach) {
    if (!reached.has(name) || found.some((loop) => loop.has(name))) continue;
    found.push(new Set([...reach.keys()].filter((other) => reached.has(other) && reach.get(other)?.has(name))));
  }
  return found;
}

/** Like {@link reachable}, without the state itself unless something leads back to it. */
function successors(scope: Scope, visit: Visit, follow: Follow): Set<string> {
  const targets = visit.edges.filter((edge) => follow(edge, visit)).map(({ to }) => to);
  return reachableFrom(scope, targets, follow);
}

/** The names on a shortest way from one state to another over the edges that are followed, both included; undefined if there is none. */
export function shortestPath(scope: Scope, from: string, to: string, follow: Follow): string[] | undefined {
  const before = new Map<string, string | undefined>([[from, undefined]]);
  const queue = [from];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (name === to) return trace(before, to);
    const visit = scope.visits.get(name);
    if (!visit) continue;
    for (const edge of visit.edges) {
      if (before.has(edge.to) || !follow(edge, visit)) continue;
      before.set(edge.to, name);
      queue.push(edge.to);
    }
  }
  return undefined;
}

function trace(before: ReadonlyMap<string, string | undefined>, to: string): string[] {
  const previous = before.get(to);
  return previous === undefined ? [to] : [...trace(before, previous), to];
}
