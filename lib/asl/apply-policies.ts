import { readMarker } from './marker';
import { normalize } from './normalize';
import { isHidden, renderRetry, retriedByPolicy } from './retriers';
import { assignedBefore } from './rules/variables';
import { placeOfFailure } from './run-input/places';
import type { AlertSpec, Catcher, RetrySpec, State, StateMachineAsl, States } from './types';
import { canRetry, walk } from './walk';

/** The policies of a pipeline as data. */
export interface Policies {
  readonly retry: RetrySpec;
  /** Absent: failures are told from outside the machine, or not at all. */
  readonly alert?: AlertSpec;
}

/**
 * The machine as it is deployed: every task that has no Retry of its own retries by the policy, every outermost failure that no
 * one catches goes to the alert, and fields and states stand in the order in which people read them.
 *
 * A state of the user's that has the name of an alert state stays as it is; the check reports the clash.
 */
export function applyPolicies(asl: StateMachineAsl, { retry, alert }: Policies): StateMachineAsl {
  const retried = withRetries(asl, retry);
  return normalize(alert ? withAlert(retried, alert, retry) : retried);
}

function withRetries<S extends States>(scope: S, retry: RetrySpec): S {
  return { ...scope, States: mapStates(scope.States, (state) => withRetry(state, retry)) };
}

function withRetry(state: State, policy: RetrySpec): State {
  const marker = readMarker(state);
  const { Retry, Iterator, ...rest } = state;
  const processor = state.ItemProcessor ?? Iterator;
  const own = (Retry ?? []).filter((retrier) => !isHidden(retrier));
  const retriers = own.length > 0 ? own : renderRetry(retriedByPolicy(state, marker), marker?.retry ?? policy);
  return {
    ...rest,
    ...(retriers.length > 0 && { Retry: retriers }),
    ...(state.Branches && { Branches: state.Branches.map((branch) => withRetries(branch, policy)) }),
    ...(processor && { ItemProcessor: withRetries(processor, policy) }),
  };
}

function withAlert(asl: StateMachineAsl, alert: AlertSpec, retry: RetrySpec): StateMachineAsl {
  const isUntold = (state: State, name: string) => canRetry(state) && !catchesAll(state) && !(name in alert.states);
  const facts = alert.checkpoints ? whereToGoOn(asl) : () => [];
  const caught = mapStates(asl.States, (state, name) =>
    isUntold(state, name) ? withCatch(state, [`'state': ${literal(name)}`, ...facts(name)], alert) : state,
  );
  const needed = Object.values(caught).some(({ Catch }) => Catch?.some(({ Next }) => Next === alert.startAt));
  const alertStates = needed ? mapStates(alert.states, (state) => withRetry(state, retry)) : {};
  return { ...asl, States: { ...caught, ...absent(alertStates, caught) } };
}

/** For each state, what a run must know that goes on where this one fails: the place, and the dataset where one is certain to be there. */
function whereToGoOn(asl: StateMachineAsl): (name: string) => string[] {
  const machine = walk(asl);
  const certain = assignedBefore(machine, 'dataset');
  return (name) => {
    const place = placeOfFailure(machine.top.visits.get(name)!);
    return [...(place === undefined ? [] : [`'place': ${literal(place)}`]), ...(certain.has(name) ? ["'dataset': $dataset"] : [])];
  };
}

function withCatch(state: State, facts: readonly string[], alert: AlertSpec): State {
  const catcher: Catcher = {
    ErrorEquals: ['States.ALL'],
    Assign: { failure: `{% $merge([{${facts.join(', ')}}, $states.errorOutput]) %}` },
    Next: alert.startAt,
  };
  return { ...state, Catch: [...(state.Catch ?? []), catcher] };
}

function catchesAll({ Catch }: State): boolean {
  return Catch?.some(({ ErrorEquals }) => ErrorEquals.includes('States.ALL')) ?? false;
}

/** JSONata knows no escape for a single quote but its code. */
function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", '\\u0027')}'`;
}

function mapStates(states: States['States'], change: (state: State, name: string) => State): Record<string, State> {
  return Object.fromEntries(Object.entries(states).map(([name, state]) => [name, change(state, name)]));
}

function absent(states: Record<string, State>, from: Record<string, State>): Record<string, State> {
  return Object.fromEntries(Object.entries(states).filter(([name]) => !(name in from)));
}
