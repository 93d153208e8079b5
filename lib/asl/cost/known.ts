import { endsWell, reachable, type Scope, shortestPath, type Visit } from '../walk';
import type { Assumptions } from './assumptions';
import { type Known, Partly, UNKNOWN, valueIn } from './value';

/** What is known of variables and of the input when a state is entered for the first time: what the states on the way to it made, here and around. */
export function knownAt(visit: Visit, assumptions: Assumptions): Known {
  const { scope } = visit;
  const way = shortestPath(scope, scope.startAt, visit.name, ({ kind }) => kind !== 'catch') ?? [visit.name];
  return way.slice(0, -1).reduce((known, name, index) => afterEdge(scope.visits.get(name)!, way[index + 1]!, known), entering(scope, assumptions));
}

/** What is known when a scope is entered. */
function entering({ owner, distributed }: Scope, assumptions: Assumptions): Known {
  const { parts = 1, rows = 1000, input = {} } = assumptions;
  if (owner !== undefined && !distributed) {
    const known = knownAt(owner, assumptions);
    const { Type, Arguments } = owner.state;
    if (Type === 'Map') return withInput(known, UNKNOWN);
    return Arguments === undefined ? known : withInput(known, valueIn(Arguments, known));
  }
  const outside = new Map<string, unknown>([
    ['dataset', new Partly({ parts: rows === 0 ? 0 : parts, recordCount: rows })],
    ['millis()', 0],
  ]);
  const given = distributed ? UNKNOWN : input;
  const context = new Partly({ Execution: new Partly({ Input: given }) });
  return outside.set('states', new Partly({ context, input: given }));
}

/** What is known once a state was left for another. */
export function afterEdge({ state }: Visit, to: string, known: Known): Known {
  const rule = state.Type === 'Choice' ? state.Choices?.find(({ Next }) => Next === to) : undefined;
  const { Assign, Output } = rule ?? state;
  const after = new Map(known);
  for (const [variable, template] of Object.entries(Assign ?? {})) {
    // What a step answers is a dataset as assumed, which no definition can tell.
    if (variable !== 'dataset') after.set(variable, valueIn(template, known));
  }
  if (Output !== undefined) return withInput(after, valueIn(Output, known));
  return state.Type === 'Task' || state.Type === 'Map' || state.Type === 'Parallel' ? withInput(after, UNKNOWN) : after;
}

function withInput(known: Known, input: unknown): Known {
  const { members } = known.get('states') as Partly;
  return new Map(known).set('states', new Partly({ ...members, input }));
}

/** Whether a run that is there can still end well, if nothing else fails. */
export function canEndWell(scope: Scope, from: string): boolean {
  return [...reachable(scope, from, ({ kind }) => kind !== 'catch')].some((name) => endsWell(scope.visits.get(name)!.state));
}
