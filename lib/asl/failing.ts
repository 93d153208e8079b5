import type { StateMachineAsl } from './types';
import { endsWell, outwards, reachable, type Visit, walk } from './walk';

/** Names of the states from which a run can only end without success, if nothing else fails: what they publish is an alert. */
export function failingStates(definition: object): ReadonlySet<string> {
  const { visits } = walk(definition as StateMachineAsl);
  return new Set(visits.filter((visit) => outwards(visit).some(isDoomed)).map(({ name }) => name));
}

function isDoomed({ name, scope }: Visit): boolean {
  const ahead = reachable(scope, name, ({ kind }) => kind !== 'catch');
  return ![...ahead].some((each) => endsWell(scope.visits.get(each)!.state));
}
