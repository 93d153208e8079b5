import { attemptsOf, MAP_ERRORS } from '../retriers';
import type { Retrier } from '../types';
import { canRetry, isContainer, outwards, statesInside, type Visit } from '../walk';
import { type Finding, listed, named, type Rule } from './rule';

/**
 * A Parallel or Map never retries what its tasks already retried, or "twice" becomes nine tries. An error from inside reaches it under
 * its own name, so it may retry only what no task can raise: the errors of Fail states inside it, and a Map's reader and writer errors.
 */
export const nestedRetry: Rule = {
  id: 'nested-retry',
  find: ({ visits }) => visits.filter(({ state }) => isContainer(state)).flatMap(findIn),
};

function findIn(container: Visit): Finding[] {
  const retriers = (container.state.Retry ?? []).filter((retrier) => attemptsOf(retrier) > 0);
  const inside = statesInside(container);
  const retrying = inside.find(({ state }) => canRetry(state) && state.Retry?.some((retrier) => attemptsOf(retrier) > 0));
  if (!retrying) return [];
  const allowed = new Set([...(container.state.Type === 'Map' ? MAP_ERRORS : []), ...failErrors(container, inside)]);
  const multiplied = retriers.flatMap(({ ErrorEquals }) => ErrorEquals).filter((error) => !allowed.has(error));
  if (multiplied.length === 0) return [];
  return [
    {
      visit: container,
      message:
        `${named(container)} retries ${listed(multiplied)}, which its ${named(retrying)} may raise after its own retries, so that tries multiply; ` +
        `retry only ${allowed.size > 0 ? listed(allowed) : 'errors of Fail states inside it'}, or nothing`,
    },
  ];
}

/** Errors of the Fail states inside, but for those that a container in between already retried. */
function failErrors(container: Visit, inside: readonly Visit[]): string[] {
  return inside.flatMap((visit) => {
    const error = visit.state.Type === 'Fail' ? visit.state.Error : undefined;
    if (typeof error !== 'string' || error.startsWith('{%') || error.startsWith('States.')) return [];
    const between = outwards(visit).slice(1);
    const retried = between.slice(0, between.indexOf(container)).some(({ state }) => state.Retry?.some((retrier) => matches(retrier, error)));
    return retried ? [] : [error];
  });
}

function matches(retrier: Retrier, error: string): boolean {
  return attemptsOf(retrier) > 0 && retrier.ErrorEquals.some((name) => name === error || name === 'States.ALL' || name === 'States.TaskFailed');
}
