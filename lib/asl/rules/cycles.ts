import { endsWell, loops, type Machine, type Scope, type Visit } from '../walk';
import { type Finding, listed, type Rule } from './rule';

/** No way through the machine goes round for ever. Joining the same step twice, which CDK turns into such a circle without a word, is named as that. */
export const cycles: Rule = {
  id: 'cycles',
  find: ({ scopes }: Machine) =>
    scopes.flatMap((scope) =>
      loops(scope, ({ kind }) => kind !== 'catch').flatMap((names) => {
        const loop = [...names].map((name) => scope.visits.get(name)!);
        return joinedTwice(scope, loop) ?? endless(scope, loop);
      }),
    ),
};

/** A user's own Choice in the circle makes it a loop on purpose. The step that two ways lead to is the one that was joined twice. */
function joinedTwice(scope: Scope, loop: readonly Visit[]): Finding[] | undefined {
  const ways = ({ name }: Visit) => [...scope.visits.values()].filter(({ edges }) => edges.some(({ to }) => to === name)).length;
  const entries = loop
    .filter(({ marker }) => marker?.entry && loop.some((other) => other.marker?.path !== marker.path))
    .sort((a, b) => Number(b.name === scope.startAt) + ways(b) - Number(a.name === scope.startAt) - ways(a));
  if (entries.length === 0 || loop.some(({ state, marker }) => state.Type === 'Choice' && !marker)) return undefined;
  return entries.slice(0, 1).map((visit) => ({
    visit,
    message: `step '${visit.marker!.step}' is joined twice, which leads from ${listed(
      loop.map(({ name }) => name),
      'and',
    )} round in a circle; make a second step with its own id for the second time`,
  }));
}

function endless(scope: Scope, loop: readonly Visit[]): Finding[] {
  const names = new Set(loop.map(({ name }) => name));
  const leaves = loop.some(
    ({ state, edges }) => endsWell(state) || edges.some(({ kind, to }) => kind !== 'catch' && scope.visits.has(to) && !names.has(to)),
  );
  if (leaves) return [];
  return [{ visit: loop[0], message: `nothing leaves the circle of ${listed(names, 'and')}, so the run never ends; add a Choice that does` }];
}
