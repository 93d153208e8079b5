import { countRun, PRICES } from '../cost';
import { loops, type Scope, statesInside, type Visit } from '../walk';
import { type Finding, named, type Rule } from './rule';

/** More than this a run are worth a sentence: 2.5 cents. */
const MANY_TRANSITIONS = 1000;
const BATCH = 100;

/** An inline Map over many items pays for every state of every item, and fills the history of the run; children and batches do not. */
export const mapCost: Rule = {
  id: 'map-cost',
  find: ({ asl, visits, scopes }) => {
    const maps = visits.filter(isInline);
    // What never ends, and costs without end, is told as such.
    const endless = scopes.some((scope) => loops(scope, ({ kind }) => kind !== 'catch').some((names) => !canLeave(scope, names)));
    if (maps.length === 0 || endless) return [];
    const { states, assumed } = countRun(asl, {}, 'expected');
    const counts = new Map(states.map((state) => [state.name, state]));
    return maps.flatMap((map): Finding[] => {
      const { items = 0 } = counts.get(map.name)!;
      const transitions = statesInside(map).reduce((sum, { name }) => sum + counts.get(name)!.transitions, 0);
      const guessed = assumed.some((assumption) => assumption.startsWith(`map '${map.name}' has`));
      return guessed || transitions <= MANY_TRANSITIONS ? [] : [{ visit: map, severity: 'warning', message: messageFor(map, items, transitions) }];
    });
  },
};

function messageFor(map: Visit, items: number, transitions: number): string {
  const now = `${named(map)} runs ${whole(items)} items inline, which takes ${whole(transitions)} state transitions a run (${dollars(transitions * PRICES.transition.dollars)})`;
  const children = Math.ceil(items / BATCH);
  if (statesInside(map).some(waits)) {
    return `${now}; let one task take a batch of ${BATCH} items, which takes ${whole(transitions / BATCH)}, or make it a Distributed Map, whose children have histories of their own`;
  }
  const express = dollars(children * PRICES.expressRequest.dollars + PRICES.transition.dollars);
  return `${now}; a Distributed Map with Express children in batches of ${BATCH} takes 1 and ${whole(children)} requests (${express} and the time they take)`;
}

function canLeave(scope: Scope, names: ReadonlySet<string>): boolean {
  return [...names].some((name) => scope.visits.get(name)!.edges.some(({ kind, to }) => kind !== 'catch' && scope.visits.has(to) && !names.has(to)));
}

function isInline({ state, inner }: Visit): boolean {
  return state.Type === 'Map' && !inner.some(({ distributed }) => distributed);
}

/** What an Express child may not do. */
function waits({ state, inner }: Visit): boolean {
  return /\.(sync(:2)?|waitForTaskToken)$/.test(state.Resource ?? '') || inner.some(({ distributed }) => distributed);
}

function whole(number: number): string {
  return Math.ceil(number).toLocaleString('en-US');
}

function dollars(amount: number): string {
  return `$${amount.toFixed(amount < 0.01 ? 5 : 2)}`;
}
