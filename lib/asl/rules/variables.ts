import { type Facts, flow } from '../flow';
import { FUNCTIONS, parse } from '../jsonata';
import { type References, referencesOf } from '../references';
import { expressionIn, type StateString, stringsOf } from '../strings';
import type { State } from '../types';
import { edges, type Machine, outwards, type Scope, shortestPath, type Visit } from '../walk';
import { type Finding, named, pathOf, type Rule } from './rule';

/**
 * Every variable that an expression reads was assigned on every way to its state, errors that were caught included. Scopes are the
 * service's: inside a Parallel or Map the variables around it can be read but not assigned, and children of a Distributed Map see none.
 * Assign and Output see the values from the entry of their state.
 */
export const variables: Rule = { id: 'variables', find: unassigned };

/** What reads a variable that may not be assigned by then, in the states that are reached. */
export function unassigned(machine: Machine): Finding[] {
  const certainly = assignedOnEntry(machine, 'every');
  const possibly = assignedOnEntry(machine, 'any');
  return machine.visits.flatMap((visit) => {
    const isReached = outwards(visit).every(({ scope, name }) => certainly.get(scope)?.has(name));
    const here = isReached ? certainly.get(visit.scope)?.get(visit.name) : undefined;
    return [...shadows(visit, outside(possibly, visit.scope)), ...(here ? reads(visit, here) : [])];
  });
}

/** The states of the top level before which a variable is assigned on every way. */
export function assignedBefore(machine: Machine, variable: string): Set<string> {
  const held = assignedOnEntry(machine, 'every').get(machine.top)!;
  return new Set([...held].filter(([, facts]) => facts.has(variable)).map(([name]) => name));
}

type Assigned = Map<Scope, Map<string, Facts>>;

/** For each scope and state that is reached: the variables that are assigned on entry, on every way there or on any. */
function assignedOnEntry({ scopes }: Machine, join: 'every' | 'any'): Assigned {
  const held: Assigned = new Map();
  for (const scope of scopes) {
    held.set(scope, flow(scope, { entering: outside(held, scope), join, through: (_, { assign }, facts) => new Set([...facts, ...assign]) }));
  }
  return held;
}

/** What a scope sees of the scopes around it. */
function outside(held: Assigned, { owner, distributed }: Scope): Facts {
  return (owner && !distributed ? held.get(owner.scope)?.get(owner.name) : undefined) ?? new Set();
}

/** A name that is assigned outside only later, as by the Catch of the Parallel around, is no clash: the service has been seen to accept it. */
function shadows(visit: Visit, before: Facts): Finding[] {
  const own = assignedBy(visit.state);
  const around = scopesAround(visit.scope).flatMap((scope) => [...scope.visits.values()]);
  const shadowed = own
    .filter((name) => before.has(name))
    .map((name): Finding => {
      const outer = around.find(({ state }) => assignedBy(state).includes(name))!;
      return {
        visit,
        message: `${named(visit)} assigns '$${name}', which ${named(outer)} outside assigns too; the service refuses that, so rename it`,
      };
    });
  return own.includes('states') ? [...shadowed, { visit, message: `${named(visit)} assigns '$states', which is reserved; rename it` }] : shadowed;
}

function assignedBy(state: State): string[] {
  return [...new Set([...Object.keys(state.Assign ?? {}), ...edges(state).flatMap(({ assign }) => assign)])];
}

/** The scopes whose variables can be seen, without its own. */
function scopesAround({ owner, distributed }: Scope): Scope[] {
  return owner && !distributed ? [owner.scope, ...scopesAround(owner.scope)] : [];
}

function reads(visit: Visit, assigned: Facts): Finding[] {
  return stringsOf(visit.state).flatMap((string) => {
    const expression = expressionIn(string.text);
    const parsed = expression === undefined ? undefined : parse(expression);
    if (!parsed || 'error' in parsed) return [];
    const references = referencesOf(parsed.ast);
    const where = `${named(visit)}: ${string.at.join('.')}`;
    return [
      ...unknownVariables(visit, references, assigned).map((what) => ({ visit, message: `${where} ${what}` })),
      ...unknownStates(visit.state, references, string).map((what) => ({ visit, message: `${where} ${what}` })),
      ...unrooted(references).map((what) => ({ visit, message: `${where} ${what}` })),
    ];
  });
}

function unknownVariables(visit: Visit, { variables: read }: References, assigned: Facts): string[] {
  const unknown = [...read].filter((name) => name !== 'states' && !FUNCTIONS.has(name) && !assigned.has(name));
  return unknown.map((name) =>
    name === 'eval' ? "calls '$eval', which Step Functions does not have; use $parse" : `reads '$${name}', which ${whyUnknown(visit, name)}`,
  );
}

function whyUnknown({ name: stateName, scope }: Visit, variable: string): string {
  const way = shortestPath(scope, scope.startAt, stateName, ({ assign }) => !assign.includes(variable));
  const assignsIt = ({ state }: Visit) => assignedBy(state).includes(variable);
  if ([scope, ...scopesAround(scope)].some(({ visits }) => [...visits.values()].some(assignsIt))) {
    return `is not assigned on the way ${pathOf(way ?? [stateName])}; assign it on every way, before this state`;
  }
  const distributed = distributedAround(scope);
  if (distributed && [...distributed.scope.visits.values()].some(assignsIt)) {
    return `the children of a distributed Map cannot see; hand it in by ItemSelector of ${named(distributed)} and read it from $states.input`;
  }
  return 'no state before assigns, and which is no function; assign it first, or hand it out of the Parallel or Map that assigns it by Output';
}

function distributedAround({ owner, distributed }: Scope): Visit | undefined {
  return !owner || distributed ? owner : distributedAround(owner.scope);
}

/** `$states.result` is there once a state has succeeded, `$states.errorOutput` once it has failed. */
function unknownStates({ Type }: State, { states }: References, { at: [field] }: StateString): string[] {
  const hasResult = (field === 'Assign' || field === 'Output') && (Type === 'Task' || Type === 'Parallel' || Type === 'Map');
  const known = ['input', 'context', ...(hasResult ? ['result'] : []), ...(field === 'Catch' ? ['errorOutput'] : [])];
  return [...states]
    .filter((member) => !known.includes(member))
    .map((member) => `reads '$states.${member}', which is not there; it can read ${known.map((name) => `$states.${name}`).join(', ')}`);
}

function unrooted({ unrooted: names }: References): string[] {
  return [...names].map((name) =>
    name.startsWith('$')
      ? `reads '${name}' where it means nothing, as an expression has no input of its own; write $states.input`
      : `reads the field '${name}' of nothing; write $${name} for a variable, $states.input.${name} for the input, or '${name}' for text`,
  );
}
