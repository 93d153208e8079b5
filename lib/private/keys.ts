import { jsonata } from './jsonata';

/** Objects that expire soon: what steps hand to each other. */
export const WORK = 'work';
/** Objects that expire as soon: what a run that failed leaves for another one to go on with. */
export const RUNS = 'runs';
/** Objects that are kept: what runs moved, as audits found it. */
export const AUDITS = 'audits';
/** Objects that are kept: rows that were rejected, with the reason. */
export const REJECTS = 'rejects';

/**
 * The prefix an attempt of a task writes under: `<area>/<pipeline>/<dataset>/<runId>/<step>/<attempt>`. The attempt comes from the
 * context object, so that an attempt that was given up can never overwrite its successor.
 */
export function attemptPrefix(area: string, step: string, dataset?: string): string {
  return jsonata(`${stepPrefix(area, step, dataset)} & ${ATTEMPT}`);
}

/** The text of a state's attempt. */
export const ATTEMPT = '$string($states.context.State.RetryCount)';

/** The JSONata of what the prefixes of all attempts of a step in a run start with, the slash included. */
export function stepPrefix(area: string, step: string, dataset = "' & $dataset.name & '"): string {
  return `'${area}/' & $states.context.StateMachine.Name & '/${dataset}/' & $states.context.Execution.Name & '/${step}/'`;
}
