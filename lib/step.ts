import { Chain, Choice, Condition, Pass, type State, StateMachineFragment } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type Marker, mark } from './asl';
import type { DataFormat } from './dataset';
import type { RetryPolicy } from './policies/retry-policy';
import { jsonata } from './private/jsonata';

/** What every step takes. */
export interface StepProps {
  /**
   * How often this step's tasks are tried again.
   * @default - the pipeline's policy
   */
  readonly retry?: RetryPolicy;
}

/** What a state of a step tells the policies and the check. */
export interface StepStateOptions {
  /**
   * The formats of the dataset that the step takes. Set it on the first state.
   * @default - the step takes no dataset
   */
  readonly reads?: DataFormat[];

  /**
   * The format that `$dataset` has after this state.
   * @default - the state leaves the dataset as it is
   */
  readonly writes?: DataFormat;

  /**
   * Whether this is the first state of the step.
   * @default false
   */
  readonly entry?: boolean;

  /**
   * On a Parallel: the errors of its own Fail states, which it tries again.
   * @default - none
   */
  readonly raises?: string[];

  /**
   * The name of the bucket in which the step reads and writes datasets.
   * @default - none
   */
  readonly bucket?: string;

  /**
   * The watermark whose window this state opens.
   * @default - none
   */
  readonly opens?: string;

  /**
   * The watermark that this state moves.
   * @default - none
   */
  readonly commits?: string;

  /**
   * Whether the step is only safe to repeat for a dataset with a window.
   * @default false
   */
  readonly needsWindow?: boolean;
}

/**
 * A piece of a pipeline that owns its AWS resources and its states. A step is chained with `next` like any native state, in a `DataPipeline` or
 * in a state machine written by hand.
 *
 * At run time a step finds the dataset (pointer, counts, columns) in the variable `$dataset`, and assigns the one it makes to it.
 * States are named `<step id>: <state>`. To write a step of your own, extend this class: give `startState` and `endStates`, set
 * `comment: this.describe(...)` on every state, and call `this.prefixStates()` at the end of the constructor.
 */
export abstract class Step extends StateMachineFragment {
  private readonly retry?: RetryPolicy;

  constructor(scope: Construct, id: string, props: StepProps = {}) {
    super(scope, id);
    this.retry = props.retry;
  }

  /**
   * Goes past this step when the dataset has no records.
   *
   * At run time a Choice looks at `$dataset.recordCount`; a run that skips says so in its counts.
   */
  public skipWhenEmpty(): Chain {
    const skipped = Pass.jsonata(this, 'Skipped', { comment: this.describe(), assign: { dataset: this.skippedDataset() } });
    const choice = Choice.jsonata(this, 'Any records?', { comment: this._describe({}, { gate: true }) });
    this.adopt(skipped, choice);
    choice.when(Condition.jsonata(jsonata('$dataset.recordCount > 0')), this).otherwise(skipped);
    return Chain.custom(choice, [...this.endStates, skipped], skipped);
  }

  /** The JSONata of `$dataset` after a skip. Override it in a step that counts. */
  protected skippedDataset(): string {
    return jsonata('$dataset');
  }

  /** The comment of a state of this step. It carries what policies and check must know of the state, and is gone from the deployed definition. */
  protected describe(options: StepStateOptions = {}): string {
    return this._describe(options, {});
  }

  /**
   * The same with what only this library's own states say.
   * @internal
   */
  protected _describe(options: StepStateOptions, own: Pick<Marker, 'gate' | 'lock' | 'plan'>): string {
    return mark({
      ...own,
      path: this.node.path,
      step: this.id,
      retry: this.retry?._render(),
      raises: options.raises,
      entry: options.entry || undefined,
      reads: options.reads,
      writes: options.writes,
      bucket: options.bucket,
      opens: options.opens,
      commits: options.commits,
      needsWindow: options.needsWindow || undefined,
    });
  }

  /** Gives states that were made after the constructor the step's prefix. */
  protected adopt(...states: State[]): void {
    for (const state of states) state.addPrefix(`${this.id}: `);
  }
}
