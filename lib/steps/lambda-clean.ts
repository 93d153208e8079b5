import { Duration, Size, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type INextable, Map as MapState, ProvideItems, type State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { DataBucket } from '../data-bucket';
import { DataFormat } from '../dataset';
import { allowRead, allowWrite } from '../private/bucket-access';
import { PipelineError } from '../private/error';
import { handlerFunction } from '../private/handler-function';
import { asText, jsonata, literal } from '../private/jsonata';
import { attemptPrefix, REJECTS, WORK } from '../private/keys';
import { ServiceCall } from '../private/service-call';
import { validateRules } from '../runtime/clean/rules';
import type { Location } from '../runtime/contract';
import { Step, type StepProps } from '../step';
import type { CleanRule } from './clean-rule';

/** As many parts fit into the state and, each tried three times, into the history of one run. */
const MOST_INLINE = 1000;
const TOO_MANY = `the dataset has more parts than the ${MOST_INLINE} that fit into one run; set fanOut: FanOut.DISTRIBUTED, or a larger partSize`;

const ANSWER = '$states.result.Payload';
/** A `PartAnswer`: what a part answered, without where its objects lie. Thousands of urls would not fit into the state. */
const PART_ANSWER = jsonata(
  `{'index': ${ANSWER}.index, 'attempt': $string($states.context.State.RetryCount), 'read': ${ANSWER}.read, 'deduplicated': ${ANSWER}.deduplicated, ` +
    `'cleaned': ${ANSWER}.cleaned.meta, 'rejected': ${ANSWER}.rejected.meta, 'keys': ${ANSWER}.keys}`,
);

/** How rows are cleaned. */
export interface LambdaCleanProps extends StepProps {
  /**
   * The rules, in the order they run.
   * @default - none: rows are only checked against the types of their columns
   */
  readonly rules?: CleanRule[];

  /**
   * A function of your own that cleans a part. It gets `{ dataset, index, rules, output, rejects }`, and answers
   * `{ index, read, deduplicated, cleaned?, rejected? }`, the latter two as manifest entries of gzip JSON Lines; see the README. What it answers is held
   * against what lies in S3: a function that loses rows, or writes elsewhere, fails the run as `CorruptInput`.
   * @default - the function of this package
   */
  readonly handler?: IFunction;

  /**
   * More rejected rows than this fail the run, before anything is loaded.
   * @default - no limit
   */
  readonly maxRejected?: number;

  /**
   * A larger share of rejected rows than this, from 0 to 1, fails the run before anything is loaded.
   * @default - no limit
   */
  readonly maxRejectedShare?: number;

  /**
   * How many parts are cleaned at a time, from 1 to 40.
   * @default 10
   */
  readonly maxConcurrency?: number;

  /**
   * Where the rows come from and go to. Joined steps must have the same bucket.
   * @default - the stack's `DataBucket`
   */
  readonly bucket?: IBucket;

  /**
   * Memory of the functions. They stream, so more memory buys more CPU, not larger parts.
   * @default Size.mebibytes(1769) - one full CPU
   */
  readonly memory?: Size;
}

/**
 * Cleans the rows of a dataset by declarative rules.
 *
 * At run time a Map hands each part to a function that streams it in and out. Rejected rows are kept under `rejects/`, each with its reason.
 * A second function then judges uniqueness over the whole dataset, checks that every row is accounted for, and writes the manifest.
 *
 * @example
 * const clean = new LambdaClean(this, 'Clean', {
 *   rules: [CleanRule.trim(), CleanRule.nullIfBlank(), CleanRule.cast('total', 'decimal(12,2)'), CleanRule.required('order_id')],
 * });
 */
export class LambdaClean extends Step {
  public readonly startState: State;
  public readonly endStates: INextable[];

  /** The function that cleans a part. */
  public readonly partFunction: IFunction;
  /** The function that puts the parts together. */
  public readonly finishFunction: IFunction;
  /** Where the rows come from and go to. */
  public readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: LambdaCleanProps = {}) {
    super(scope, id, props);
    const rules = this.renderRules(props.rules ?? []);
    if (props.handler && (props.rules ?? []).some((rule) => rule._render().rule === 'unique')) {
      throw new PipelineError(
        'a handler of your own leaves no keys by which rows are judged over the whole dataset; leave out CleanRule.unique and CleanRule.latest, and let LoadMode.upsert keep one row of each key',
        this,
      );
    }
    this.requireRange('maxRejected', props.maxRejected, 0, Number.MAX_SAFE_INTEGER);
    this.requireRange('maxRejectedShare', props.maxRejectedShare, 0, 1);
    this.requireRange('maxConcurrency', props.maxConcurrency, 1, 40);

    this.bucket = props.bucket ?? DataBucket.of(this);
    this.partFunction = props.handler ?? this.defineFunction('PartFunction', 'index.part', 'Cleans one part of a dataset', props);
    this.finishFunction = this.defineFunction('FinishFunction', 'index.finish', 'Puts the cleaned parts of a dataset together', props);

    const parts = MapState.jsonata(this, 'Parts', {
      comment: this.describe({ entry: true, reads: [DataFormat.COPY_TEXT, DataFormat.JSON_LINES], bucket: this.bucket.bucketName }),
      items: ProvideItems.jsonata(jsonata(`$dataset.parts > ${MOST_INLINE} ? $error(${literal(TOO_MANY)}) : [0..$dataset.parts - 1]`)),
      maxConcurrency: props.maxConcurrency ?? 10,
    });
    const part = this.partState(rules);
    const finish = this.finishState(rules, props);
    parts.next(finish);
    this.startState = parts;
    this.endStates = [finish];
    this.prefixStates();
    // a Map takes its states with the names they have at that moment, and refuses those of a second step
    parts.itemProcessor(part);
  }

  private renderRules(rules: CleanRule[]): unknown[] {
    const rendered = rules.map((rule) => rule._render());
    try {
      validateRules(rendered);
    } catch (error) {
      throw new PipelineError((error as Error).message, this);
    }
    return rendered.map(asText);
  }

  private requireRange(name: string, value: number | undefined, min: number, max: number): void {
    if (value !== undefined && !(value >= min && value <= max)) {
      throw new PipelineError(`${name} must be from ${min} to ${max}, got ${value}`, this);
    }
  }

  private defineFunction(id: string, handler: string, description: string, props: LambdaCleanProps): IFunction {
    const defined = handlerFunction(this, id, {
      asset: 'clean',
      handler,
      description,
      timeout: Duration.minutes(15),
      memory: props.memory ?? Size.mebibytes(1769),
    });
    allowRead(defined, this.bucket, WORK, REJECTS);
    allowWrite(defined, this.bucket, WORK, REJECTS);
    return defined;
  }

  private partState(rules: unknown[]): ServiceCall {
    return this.invoke('Part', this.partFunction, {
      comment: this.describe(),
      payload: { dataset: jsonata('$dataset'), index: jsonata('$states.input'), rules, ...this.locations() },
      output: PART_ANSWER,
    });
  }

  private finishState(rules: unknown[], props: LambdaCleanProps): ServiceCall {
    const { maxRejected, maxRejectedShare } = props;
    return this.invoke('Finish', this.finishFunction, {
      comment: this.describe({ writes: DataFormat.JSON_LINES }),
      payload: { dataset: jsonata('$dataset'), parts: jsonata('$states.input'), rules, maxRejected, maxRejectedShare, ...this.locations() },
      assign: { dataset: jsonata('$states.result.Payload') },
    });
  }

  private locations(): { output: Location; rejects: Location } {
    const bucket = this.bucket.bucketName;
    return {
      output: { bucket, prefix: attemptPrefix(WORK, this.id) },
      rejects: { bucket, prefix: attemptPrefix(REJECTS, this.id) },
    };
  }

  private invoke(
    id: string,
    target: IFunction,
    call: { comment: string; payload: object; assign?: Record<string, string>; output?: string },
  ): ServiceCall {
    return new ServiceCall(this, id, Stack.of(this).partition, {
      resource: 'lambda:invoke',
      comment: call.comment,
      arguments: { FunctionName: target.functionArn, Payload: call.payload },
      assign: call.assign,
      output: call.output ?? jsonata('$states.result.Payload'),
      timeoutSeconds: 930,
      policies: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.functionArn] })],
    });
  }
}
