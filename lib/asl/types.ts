/**
 * Amazon States Language as plain JSON. Only the fields that the functions of this folder look at are named; every other
 * field travels along untouched.
 */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: string;
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Next: string;
  readonly [field: string]: unknown;
}

export interface ChoiceRule {
  readonly Condition?: unknown;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Next: string;
  readonly [field: string]: unknown;
}

/** The states of a machine, of one branch of a Parallel or of one iteration of a Map. */
export interface States {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly ProcessorConfig?: { readonly Mode?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

export interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly QueryLanguage?: string;
  readonly Resource?: string;
  readonly Arguments?: unknown;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Choices?: readonly ChoiceRule[];
  readonly Default?: string;
  readonly Branches?: readonly States[];
  readonly ItemProcessor?: States;
  /** The older name of `ItemProcessor`, which CDK's `map.iterator()` still writes. */
  readonly Iterator?: States;
  readonly Error?: unknown;
  readonly Next?: string;
  readonly End?: boolean;
  readonly [field: string]: unknown;
}

export interface StateMachineAsl extends States {
  readonly QueryLanguage?: string;
}

/** A retry policy as numbers. */
export interface RetrySpec {
  /** Tries after the first; 0 means no retry. */
  readonly maxAttempts: number;
  readonly intervalSeconds: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number;
  /** Full jitter: each delay is a random part of the computed one. */
  readonly jitter: boolean;
  /** Errors that no retry can mend. */
  readonly permanentErrors: readonly string[];
}

/** The states that tell the team of a failure: merged into the machine's top level, entered by Catch. */
export interface AlertSpec {
  readonly startAt: string;
  readonly states: Readonly<Record<string, State>>;
  /** Whether its states want to know where a run could go on: `$failure` then has the place and, if there is one, the dataset. */
  readonly checkpoints?: boolean;
}
