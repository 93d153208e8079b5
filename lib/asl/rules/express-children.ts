import { attemptsOf } from '../retriers';
import type { Retrier, State } from '../types';
import { statesInside, type Visit } from '../walk';
import { type Finding, named, type Rule } from './rule';

/** How long an Express execution may take. */
const LONGEST_SECONDS = 300;

/** The children of an express Distributed Map end within the 5 minutes that the service gives them, every task tried as often as it may be. */
export const expressChildren: Rule = {
  id: 'express-children',
  find: ({ visits }) => visits.flatMap((visit) => (visit.state.ItemProcessor?.ProcessorConfig?.ExecutionType === 'EXPRESS' ? tooLong(visit) : [])),
};

function tooLong(visit: Visit): Finding[] {
  const inside = statesInside(visit);
  const tasks = inside.filter(({ state }) => state.Type === 'Task');
  const waits = inside.filter(({ state }) => typeof state.Seconds === 'number');
  const seconds = tasks.reduce((sum, { state }) => sum + longest(state), 0) + waits.reduce((sum, { state }) => sum + (state.Seconds as number), 0);
  if (seconds <= LONGEST_SECONDS) return [];
  const names = [...tasks, ...waits].map(named).join(' and ');
  return [
    {
      visit,
      message: `${named(visit)} runs ${names} in Express executions, which end after ${LONGEST_SECONDS} s, but with every retry that takes ${seconds === Number.POSITIVE_INFINITY ? 'as long as it likes' : `${seconds} s`}; lower its timeout or retries, or run it in Standard executions`,
    },
  ];
}

function longest({ TimeoutSeconds, Retry = [] }: State): number {
  const timeout = typeof TimeoutSeconds === 'number' ? TimeoutSeconds : Number.POSITIVE_INFINITY;
  const retriers = Retry.map((retrier) => ({ retries: attemptsOf(retrier), waited: waitsOf(retrier) }));
  const retries = retriers.reduce((sum, each) => sum + each.retries, 0);
  return timeout * (retries + 1) + retriers.reduce((sum, { waited }) => sum + waited, 0);
}

function waitsOf(retrier: Retrier): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
  return Array.from({ length: attemptsOf(retrier) }, (_, index) => Math.min(IntervalSeconds * BackoffRate ** index, MaxDelaySeconds)).reduce(
    (sum, wait) => sum + wait,
    0,
  );
}
