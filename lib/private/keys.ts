import { jsonata } from './jsonata';

/** Objects that expire soon: what steps hand to each other. */
export const WORK = 'work';
/** Objects that are kept: rows that were rejected, with the reason. */
export const REJECTS = 'rejects';

/**
 * The prefix an attempt of a task writes under: `<area>/<pipeline>/<dataset>/<runId>/<step>/<attempt>`. The attempt comes from the
 * context object, so that an attempt that was given up can never overwrite its successor.
 */
export function attemptPrefix(area: string, step: string, dataset = "' & $dataset.name & '"): string {
  const attempt = '$string($states.context.State.RetryCount)';
  return jsonata(`'${area}/' & $states.context.StateMachine.Name & '/${dataset}/' & $states.context.Execution.Name & '/${step}/' & ${attempt}`);
}
