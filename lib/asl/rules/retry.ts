import { attemptsOf, isHidden, retriedByPolicy } from '../retriers';
import { canRetry, type Visit } from '../walk';
import { type CheckOptions, type Finding, listed, named, type Rule } from './rule';

/** What can fail by itself retries, once: "twice" is three tries. */
export const retry: Rule = {
  id: 'retry',
  find: ({ visits }, options) =>
    visits.filter(({ state }) => canRetry(state)).flatMap((visit) => [...hidden(visit), ...missing(visit, options), ...many(visit)]),
};

function hidden(visit: Visit): Finding[] {
  if (!visit.state.Retry?.some(isHidden)) return [];
  return [
    {
      visit,
      message: `${named(visit)} has the retrier that CDK's LambdaInvoke adds unasked (6 attempts, no jitter); set retryOnServiceExceptions: false, or let applyPolicies remove it`,
    },
  ];
}

function missing(visit: Visit, options: CheckOptions): Finding[] {
  const { state, marker } = visit;
  const spec = marker?.retry ?? options.retry;
  const retriers = state.Retry ?? [];
  const isTried = (error: string) => retriers.some(({ ErrorEquals }) => ErrorEquals.includes(error) || ErrorEquals.includes('States.ALL'));
  const hasOwn = state.Type === 'Task' && retriers.some((retrier) => attemptsOf(retrier) > 0);
  const untried = retriedByPolicy(state, marker).filter((error) => !isTried(error));
  if (spec.maxAttempts === 0 || hasOwn || untried.length === 0) return [];
  return [
    {
      visit,
      message: `${named(visit)} has no retrier for ${listed(untried)}, but the policy says ${spec.maxAttempts} retries; add one, or one with MaxAttempts 0 if it must not be retried`,
    },
  ];
}

function many(visit: Visit): Finding[] {
  const retriers = (visit.state.Retry ?? []).filter((retrier) => attemptsOf(retrier) > 0);
  if (retriers.length < 2) return [];
  const each = retriers.map((retrier) => `${retrier.ErrorEquals.join(', ')}: ${attemptsOf(retrier)}`).join('; ');
  return [{ visit, message: `${named(visit)} has ${retriers.length} retriers with attempts (${each}), whose tries add up; keep one` }];
}
