import { named, type Rule } from './rule';

/** Every Choice says where to go when no condition holds: whatever nobody thought of then fails the run with States.NoChoiceMatched, far from its reason. */
export const choiceDefault: Rule = {
  id: 'choice-default',
  find: ({ visits }) =>
    visits
      .filter(({ state }) => state.Type === 'Choice' && state.Default === undefined)
      .map((visit) => ({
        visit,
        message: `${named(visit)} has no Default, so a run in which no condition holds fails with States.NoChoiceMatched; add otherwise(), with a Fail that says what is wrong if nothing else fits`,
      })),
};
