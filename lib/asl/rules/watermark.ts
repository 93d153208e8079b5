import { type Facts, flow } from '../flow';
import { type Edge, endsWell, type Machine, outwards, type Scope, shortestPath, type Visit } from '../walk';
import { type Finding, pathOf, type Rule } from './rule';

/**
 * Every run that succeeds moves the watermark whose window it opened, the run without a row included. A run that does not would extract
 * the same rows again for ever. Ways on which an error was caught are left out: there the watermark must stay.
 */
export const watermark: Rule = {
  id: 'watermark',
  find: ({ top, visits }: Machine) => {
    const held = windows(top, new Set());
    return visits.flatMap((opening): Finding[] => {
      const id = opening.marker?.opens;
      if (id === undefined) return [];
      const ends = [...top.visits.values()].filter(
        ({ name, state }) => endsWell(state) && held.has(name) && after(top.visits.get(name)!, held.get(name)!).has(id),
      );
      return ends.map((end) => ({ visit: opening, message: messageFor(opening, id, top, end) }));
    });
  },
};

function messageFor({ marker, ...opening }: Visit, id: string, top: Scope, end: Visit): string {
  const outermost = outwards(opening).at(-1)!;
  const way = shortestPath(top, outermost.name, end.name, (edge, visit) => isForward(edge) && visit.marker?.commits !== id);
  return `step '${marker!.step}' opens a window, but the way ${pathOf(way ?? [outermost.name, end.name])} ends without moving the watermark; put its commit() after the load on every way`;
}

function isForward({ kind }: Edge): boolean {
  return kind !== 'catch';
}

/** The windows that are open on entry to each state. */
function windows(scope: Scope, entering: Facts): Map<string, Facts> {
  return flow(scope, { entering, join: 'any', through: (visit, edge, open) => (isForward(edge) ? after(visit, open) : new Set()) });
}

/** The windows that are open once a state has succeeded. */
function after({ state, inner, marker }: Visit, open: Facts): Facts {
  const ends = inner.map((scope) => {
    const held = windows(scope, open);
    return new Set(
      [...scope.visits.values()]
        .filter(({ name, state: last }) => held.has(name) && endsWell(last))
        .flatMap((last) => [...after(last, held.get(last.name)!)]),
    );
  });
  // Every branch of a Parallel ran; of a Map perhaps no iteration did.
  const isOpen = (id: string) => (open.has(id) ? state.Type === 'Map' || ends.every((end) => end.has(id)) : ends.some((end) => end.has(id)));
  const left = [...new Set([...open, ...ends.flatMap((end) => [...end])])].filter(isOpen);
  return new Set([...left, ...(marker?.opens === undefined ? [] : [marker.opens])].filter((id) => id !== marker?.commits));
}
