/** A field that may hold `{% %}` expressions, at any depth. */
export type Template = unknown;

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

/** What a state makes of its result. Both fields see the variables as they were on entry. */
export interface Effects {
  readonly Assign?: Readonly<Record<string, Template>>;
  readonly Output?: Template;
}

export interface Catcher extends Effects {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

export interface ChoiceRule extends Effects {
  readonly Condition: Template;
  readonly Next: string;
}

interface Flow extends Effects {
  readonly Next?: string;
  readonly End?: boolean;
}

interface Recovery {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface PassState extends Flow {
  readonly Type: 'Pass';
}

export interface WaitState extends Flow {
  readonly Type: 'Wait';
  readonly Seconds?: Template;
  readonly Timestamp?: Template;
}

export interface ChoiceState extends Effects {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

export interface SucceedState {
  readonly Type: 'Succeed';
  readonly Output?: Template;
}

export interface FailState {
  readonly Type: 'Fail';
  readonly Error?: Template;
  readonly Cause?: Template;
}

export interface TaskState extends Flow, Recovery {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Arguments?: Template;
  readonly Credentials?: Template;
  readonly TimeoutSeconds?: Template;
  readonly HeartbeatSeconds?: Template;
}

export interface ParallelState extends Flow, Recovery {
  readonly Type: 'Parallel';
  readonly Branches: readonly Program[];
  readonly Arguments?: Template;
}

export interface MapState extends Flow, Recovery {
  readonly Type: 'Map';
  readonly ItemProcessor: Program;
  readonly Items?: Template;
  readonly ItemSelector?: Template;
  readonly MaxConcurrency?: Template;
  readonly ToleratedFailureCount?: Template;
  readonly ToleratedFailurePercentage?: Template;
}

/** The states that Retry and Catch apply to. */
export type RecoverableState = TaskState | ParallelState | MapState;

export type State = PassState | WaitState | ChoiceState | SucceedState | FailState | RecoverableState;

/** States with their start: a machine, a branch of a Parallel, the processor of a Map. */
export interface Program {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Machine extends Program {
  readonly TimeoutSeconds?: number;
}
