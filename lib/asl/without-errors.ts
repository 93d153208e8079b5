import type { State, StateMachineAsl, States } from './types';
import { edges } from './walk';

/** What is left of a machine when nothing fails: no Catch, and no state that only a Catch leads to. For a picture that people can read. */
export function withoutErrors(definition: object): StateMachineAsl {
  return scopeWithout(definition as StateMachineAsl) as StateMachineAsl;
}

function scopeWithout(scope: States): States {
  const states = Object.fromEntries(Object.entries(scope.States).map(([name, state]) => [name, stateWithout(state)]));
  const kept = new Set<string>();
  const pending = [scope.StartAt];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const state = states[name];
    if (state === undefined || kept.has(name)) continue;
    kept.add(name);
    pending.push(...edges(state).map(({ to }) => to));
  }
  return { ...scope, States: Object.fromEntries(Object.entries(states).filter(([name]) => kept.has(name))) };
}

function stateWithout({ Catch: _, ...state }: State): State {
  const { Branches, ItemProcessor } = state;
  return {
    ...state,
    ...(Branches && { Branches: Branches.map(scopeWithout) }),
    ...(ItemProcessor && { ItemProcessor: scopeWithout(ItemProcessor) }),
  } as State;
}
