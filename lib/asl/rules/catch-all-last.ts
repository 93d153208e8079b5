import type { Visit } from '../walk';
import { type Finding, named, type Rule } from './rule';

/** `States.ALL` stands alone and last, as the service demands: what came after it would never match. */
export const catchAllLast: Rule = {
  id: 'catch-all-last',
  find: ({ visits }) => visits.flatMap((visit) => [...findIn(visit, 'Retry'), ...findIn(visit, 'Catch')]),
};

function findIn(visit: Visit, field: 'Retry' | 'Catch'): Finding[] {
  const entries = visit.state[field] ?? [];
  return entries.flatMap(({ ErrorEquals }, index): Finding[] => {
    if (!ErrorEquals.includes('States.ALL') || (ErrorEquals.length === 1 && index === entries.length - 1)) return [];
    return [
      {
        visit,
        message: `${named(visit)}: 'States.ALL' stands in ${field}[${index}] of ${entries.length}, beside [${ErrorEquals}]; put it alone into the last entry`,
      },
    ];
  });
}
