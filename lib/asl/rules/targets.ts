import { endsWell, reachable, type Scope, type Visit } from '../walk';
import { type Finding, named, type Rule } from './rule';

/** Every state leads somewhere that exists, and something leads to every state. */
export const targets: Rule = {
  id: 'targets',
  find: ({ scopes }) =>
    scopes.flatMap((scope) => [...start(scope), ...[...scope.visits.values()].flatMap((visit) => onwards(visit)), ...lost(scope)]),
};

function start({ startAt, visits, owner }: Scope): Finding[] {
  const where = owner ? `inside ${named(owner)}` : 'of the machine';
  return visits.has(startAt) ? [] : [{ visit: owner, message: `StartAt ${where} names '${startAt}', which is not a state there` }];
}

function onwards(visit: Visit): Finding[] {
  const ways = visit.edges;
  const missing = ways.filter(({ to }) => !visit.scope.visits.has(to));
  const isDeadEnd = visit.state.Type !== 'Fail' && !endsWell(visit.state) && !ways.some(({ kind }) => kind !== 'catch');
  return [
    ...missing.map(({ kind, to }) => ({ visit, message: `${named(visit)} goes to '${to}' (${kind}), which is not a state beside it` })),
    ...(isDeadEnd ? [{ visit, message: `${named(visit)} has neither Next nor End; add one` }] : []),
  ];
}

function lost(scope: Scope): Finding[] {
  if (!scope.visits.has(scope.startAt)) return [];
  const found = reachable(scope, scope.startAt);
  return [...scope.visits.values()]
    .filter(({ name }) => !found.has(name))
    .map((visit) => ({ visit, message: `${named(visit)} is never reached; join it or remove it` }));
}
