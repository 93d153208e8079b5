import type { Catcher } from '../types';
import { endsWell, reachable, type Visit } from '../walk';
import { named, type Rule } from './rule';

/** A Catch of `States.ALL` of the user's own, after which a run that failed may end SUCCEEDED and alert nobody. On purpose or not, only the user knows. */
export const swallowed: Rule = {
  id: 'swallowed',
  find: ({ visits, top }, { alert }) => {
    const telling = alert ? reachable(top, alert.startAt) : new Set<string>();
    const others = visits.filter(({ name, scope }) => scope !== top || !telling.has(name));
    return others.flatMap((visit) =>
      (visit.state.Catch ?? [])
        .filter((catcher) => isOwn(visit, catcher, alert?.startAt) && hides(visit, catcher))
        .map(({ Next }) => ({
          visit,
          severity: 'warning' as const,
          message: `${named(visit)} catches 'States.ALL' and goes to '${Next}', so its failures do not reach the alert policy; name the errors that you expect, or end in a Fail state`,
        })),
    );
  },
};

function isOwn(visit: Visit, { ErrorEquals, Next }: Catcher, alert: string | undefined): boolean {
  return ErrorEquals.includes('States.ALL') && (visit.scope.owner !== undefined || Next !== alert);
}

/** Inside a Parallel or Map an error that ends in Fail again reaches the outermost state, which alerts. */
function hides({ scope }: Visit, { Next }: Catcher): boolean {
  return scope.owner === undefined || [...reachable(scope, Next)].some((name) => endsWell(scope.visits.get(name)!.state));
}
