import { named, type Rule } from './rule';

const MAX = 80;

/** Names are unique in the whole machine, branches and iterations included, and at most 80 characters long. */
export const names: Rule = {
  id: 'names',
  find: ({ visits }) => {
    const seen = new Set<string>();
    return visits.flatMap((visit) => {
      const isTwice = seen.has(visit.name);
      seen.add(visit.name);
      return [
        ...(isTwice
          ? [{ visit, message: `${named(visit)}: the name is used twice in the machine; rename one, or build the states with prefixStates()` }]
          : []),
        ...(visit.name.length > MAX
          ? [{ visit, message: `${named(visit)} has a name of ${visit.name.length} characters, at most ${MAX} are allowed; shorten it` }]
          : []),
      ];
    });
  },
};
