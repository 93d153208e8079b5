import type { State } from '../types';
import { canRetry, endsWell, loops, type Machine, reachable, type Visit } from '../walk';
import { type CheckOptions, type Finding, listed, named, type Rule } from './rule';

/** What the cause of a run that was told of starts with, so that the rule outside the machine does not tell it again. */
const ALERTED = '[alerted] ';

/** Every run that fails in the machine alerts, once, and does not end SUCCEEDED. */
export const alert: Rule = {
  id: 'alert',
  find: (machine, options) =>
    options.alert ? [...clashes(machine, options.alert), ...missed(machine, options.alert), ...broken(machine, options.alert)] : [],
};

type Alert = NonNullable<CheckOptions['alert']>;

function clashes({ top }: Machine, { states }: Alert): Finding[] {
  return Object.entries(states ?? {}).flatMap(([name, state]): Finding[] => {
    const visit = top.visits.get(name);
    return !visit || isSame(visit.state, state)
      ? []
      : [{ visit, message: `${named(visit)} has the name of a state of the alert policy; give it another name` }];
  });
}

function isSame(state: State, other: State): boolean {
  const essence = (of: State) => JSON.stringify([of.Type, of.Resource, of.Arguments, of.Error, of.Cause]);
  return essence(state) === essence(other);
}

function missed(machine: Machine, options: Alert): Finding[] {
  const told = chainOf(machine, options);
  return [...machine.top.visits.values()].flatMap((visit): Finding[] => {
    if (!canRetry(visit.state) || told.has(visit.name) || visit.state.Catch?.some(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'))) return [];
    return [
      { visit, message: `${named(visit)} fails without an alert; let it catch 'States.ALL' as its last catcher, with '${options.startAt}' as Next` },
    ];
  });
}

/** The states that tell of a failure. */
function chainOf({ top }: Machine, { startAt, states }: Alert): Set<string> {
  return states ? new Set(Object.keys(states)) : reachable(top, startAt);
}

function broken(machine: Machine, options: Alert): Finding[] {
  const { top } = machine;
  const chain = [...reachable(top, options.startAt)].map((name) => top.visits.get(name)!);
  return [...looping(machine, chain), ...succeeding(chain), ...unmarked(chain, options)];
}

function looping({ top }: Machine, chain: readonly Visit[]): Finding[] {
  const loop = loops(top).find((names) => chain.some(({ name }) => names.has(name)));
  if (!loop) return [];
  const visit = chain.find(({ name }) => loop.has(name))!;
  return [
    {
      visit,
      message: `the alert goes in a circle through ${listed(loop, 'and')}, so a failure would be told over and over; let ${named(visit)} lead to a Fail state only`,
    },
  ];
}

function succeeding(chain: readonly Visit[]): Finding[] {
  return chain
    .filter(({ state }) => endsWell(state))
    .map((visit) => ({
      visit,
      message: `${named(visit)} ends the alert without failing, so that a failed run would end SUCCEEDED; end the alert in a Fail state`,
    }));
}

function unmarked(chain: readonly Visit[], { startAt }: Alert): Finding[] {
  const fails = chain.filter(({ state }) => state.Type === 'Fail');
  if (JSON.stringify(chain.map(({ state }) => state)).includes(ALERTED)) return [];
  return fails.map((visit) => ({
    visit,
    message: `${named(visit)}, where the alert '${startAt}' ends, has a Cause that does not start with '${ALERTED}', so the failure is told twice; put that before it`,
  }));
}
