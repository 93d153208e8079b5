import type { ChoiceState } from './definition';
import { ErrorName, StateFailure } from './errors';
import type { Step, Visit } from './visit';

/** Takes the first rule whose Condition is true, or else the Default. */
export async function choose(visit: Visit<ChoiceState>): Promise<Step> {
  const { state, input } = visit;
  for (const [index, rule] of state.Choices.entries()) {
    const taken = await visit.evaluateAs('boolean', rule.Condition, `Choices[${index}]/Condition`);
    if (taken === true) return visit.leave(rule, rule.Next, input, undefined, `Choices[${index}]/`);
  }
  if (state.Default === undefined) {
    throw new StateFailure(ErrorName.NO_CHOICE_MATCHED, `No choice rule of the state '${visit.name}' matched and it has no Default.`);
  }
  return visit.leave(state, state.Default, input);
}
