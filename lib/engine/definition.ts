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
  readonly ItemProcessor: ItemProcessor;
  readonly Items?: Template;
  readonly ItemReader?: ItemReader;
  readonly ItemBatcher?: ItemBatcher;
  readonly ResultWriter?: ResultWriter;
  readonly Label?: string;
  readonly ItemSelector?: Template;
  readonly MaxConcurrency?: Template;
  readonly ToleratedFailureCount?: Template;
  readonly ToleratedFailurePercentage?: Template;
}

/** Where a Distributed Map takes its items from, if not from its input. */
export interface ItemReader {
  readonly Resource: string;
  readonly Arguments?: Template;
  readonly ReaderConfig?: ReaderConfig;
}

export interface ReaderConfig {
  readonly InputType?: 'CSV' | 'JSON' | 'JSONL' | 'MANIFEST';
  readonly CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
  readonly CSVHeaders?: readonly string[];
  readonly CSVDelimiter?: 'COMMA' | 'PIPE' | 'SEMICOLON' | 'SPACE' | 'TAB';
  readonly ItemsPointer?: string;
  readonly MaxItems?: Template;
}

export interface ItemBatcher {
  readonly MaxItemsPerBatch?: Template;
  readonly MaxInputBytesPerBatch?: Template;
  readonly BatchInput?: Template;
}

export interface ResultWriter {
  readonly Resource?: string;
  readonly Arguments?: Template;
  readonly WriterConfig?: WriterConfig;
}

export interface WriterConfig {
  readonly Transformation?: 'NONE' | 'COMPACT' | 'FLATTEN';
  readonly OutputType?: 'JSON' | 'JSONL';
}

/** The states that Retry and Catch apply to. */
export type RecoverableState = TaskState | ParallelState | MapState;

export type State = PassState | WaitState | ChoiceState | SucceedState | FailState | RecoverableState;

/** States with their start: a machine, a branch of a Parallel, the processor of a Map. */
export interface Program {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface ItemProcessor extends Program {
  readonly ProcessorConfig?: { readonly Mode?: 'INLINE' | 'DISTRIBUTED'; readonly ExecutionType?: 'STANDARD' | 'EXPRESS' };
}

export interface Machine extends Program {
  readonly TimeoutSeconds?: number;
}
