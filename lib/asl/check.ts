import type { RetrySpec, State, StateMachineAsl } from './types';

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

export interface CheckOptions {
  readonly retry: RetrySpec;
  /** Give the whole alert specification to have clashes of names found. */
  readonly alert?: { readonly startAt: string; readonly states?: Readonly<Record<string, State>> };
  /** IAM actions granted to the machine's role. */
  readonly actions?: readonly string[];
}

/** Everything that is wrong in the machine, all at once. Run it on what {@link applyPolicies} returned, before the markers are stripped, or on any finished ASL. */
export function check(_asl: StateMachineAsl, _options: CheckOptions): Violation[] {
  return [];
}
