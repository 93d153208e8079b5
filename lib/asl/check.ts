import { RULES } from './rules';
import type { CheckOptions } from './rules/rule';
import type { StateMachineAsl } from './types';
import { outwards, type Visit, walk } from './walk';

export type { CheckOptions } from './rules/rule';

/** Something wrong in a machine: what, where, and what to change. */
export interface Violation {
  readonly severity: 'error' | 'warning';
  /** Id of the rule. */
  readonly rule: string;
  /** Name of the state, empty for the machine itself. */
  readonly state: string;
  /** Construct path of the step that the state belongs to, where known. */
  readonly path?: string;
  readonly message: string;
}

/**
 * Everything that is wrong in the machine, all at once. Run it on what `applyPolicies` returned, before the markers are
 * stripped, or on any finished ASL: without markers the rules about steps and datasets find nothing.
 */
export function check(asl: StateMachineAsl, options: CheckOptions): Violation[] {
  const machine = walk(asl);
  return RULES.flatMap(({ id, find }) =>
    find(machine, options).map(({ visit, severity, message }): Violation => {
      const path = visit && pathOf(visit);
      return { severity: severity ?? 'error', rule: id, state: visit?.name ?? '', ...(path && { path }), message };
    }),
  );
}

/** A state without a marker belongs to the step of the Parallel or Map around it. */
function pathOf(visit: Visit): string | undefined {
  return outwards(visit).find(({ marker }) => marker)?.marker?.path;
}
