import type { RetryPolicy } from '../../policies/retry-policy';
import type { SimulateOptions } from '../simulate/options';

/** What a run is like before anything is made to go wrong. */
export type Scenario = Pick<
  SimulateOptions,
  'input' | 'handlers' | 'objects' | 'rows' | 'columns' | 'statements' | 'statementSeconds' | 'lock' | 'after'
>;

/** What is proved of which state machine. */
export interface ProveOptions extends Pick<SimulateOptions, 'machine' | 'input' | 'handlers' | 'objects' | 'columns'> {
  /** Runs that reach states which the usual run does not, by what they are called in the table. Their handlers come before those for all. */
  readonly scenarios?: Readonly<Record<string, Scenario>>;
  /**
   * The retry policy to hold the machine against; a step's own goes first.
   * @default - the one that it was given; for a state machine to which the library's policies were not applied `RetryPolicy.twice()`
   */
  readonly retry?: RetryPolicy;
  /** The states at which things are made to go wrong. @default - all */
  readonly states?: readonly string[];
  /** States whose failure the machine catches on purpose, to succeed all the same. @default - none */
  readonly mayFail?: readonly string[];
}

/** One run of the fault matrix, and what was wrong with it. */
export interface Case {
  /** The state that the fault strikes. */
  readonly state: string;
  readonly fault: string;
  /** What the run was like apart from the fault. */
  readonly scenario: string;
  readonly status: string;
  /** How often the state was tried, most in one visit; 0 if it has no tries. */
  readonly tries: number;
  /** Who alerted: states of the machine, rules. */
  readonly alerts: readonly string[];
  readonly notifications: number;
  readonly violations: readonly string[];
}

/** What became of the fault matrix of one state machine. */
export interface Proof {
  /** Logical id of the state machine. */
  readonly machine: string;
  readonly cases: readonly Case[];
  /** All that was wrong, with the state and the fault. */
  readonly violations: readonly string[];
}
