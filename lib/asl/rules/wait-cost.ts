import { PRICES } from '../cost';
import { loopsOf } from '../cost/turns';
import type { Scope } from '../walk';
import { type Finding, named, type Rule } from './rule';

const HOUR_SECONDS = 3600;
/** More than this an hour is a look oftener than each half a minute or so. */
const MANY_TRANSITIONS = 300;
/** Looks of an hour at intervals that double from 2 to 120 s. */
const DOUBLING_TURNS = 35;

/** A loop that looks every few seconds for hours pays for each look; growing intervals, or being told, cost a fraction. */
export const waitCost: Rule = {
  id: 'wait-cost',
  find: ({ scopes }) => scopes.flatMap(findIn),
};

function findIn(scope: Scope): Finding[] {
  const seconds = Object.fromEntries([...scope.visits.keys()].map((name) => [name, HOUR_SECONDS]));
  return loopsOf(scope, { seconds }, 'expected').flatMap(({ names, turns, waits }): Finding[] => {
    const wait = [...names].map((name) => scope.visits.get(name)!).find(({ state }) => state.Type === 'Wait');
    const transitions = turns * names.size;
    if (!waits || wait === undefined || transitions <= MANY_TRANSITIONS) return [];
    const message =
      `the loop of ${named(wait)} takes ${transitions.toLocaleString('en-US')} state transitions for an hour of waiting (${dollars(transitions)}); ` +
      `intervals that double from 2 to 120 s take ${DOUBLING_TURNS * names.size} (${dollars(DOUBLING_TURNS * names.size)}), ` +
      'and a task token that a Lambda function behind an SQS queue sends back takes 1';
    return [{ visit: wait, severity: 'warning', message }];
  });
}

function dollars(transitions: number): string {
  return `$${(transitions * PRICES.transition.dollars).toFixed(4)}`;
}
