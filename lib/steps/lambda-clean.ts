import { Duration, Size, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type INextable, Map as MapState, ProvideItems, type State, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { DataBucket } from '../data-bucket';
import { DataFormat } from '../dataset';
import { allowRead, allowWrite } from '../private/bucket-access';
import { PipelineError } from '../private/error';
import { handlerFunction } from '../private/handler-function';
import { asText, jsonata, literal } from '../private/jsonata';
import { ATTEMPT, attemptPrefix, REJECTS, stepPrefix, WORK } from '../private/keys';
import { ManifestMap } from '../private/manifest-map';
import { ServiceCall } from '../private/service-call';
import { validateRules } from '../runtime/clean/rules';
import type { Location } from '../runtime/contract';
import { Step, type StepProps } from '../step';
import type { CleanRule } from './clean-rule';
import { FanOut } from './fan-out';
import { OverlongText } from './overlong-text';

/** As many parts fit into the state and, each tried three times, into the history of one run. */
const MOST_INLINE = 1000;
/** The most children of a Distributed Map at a time that leave room in an account for other functions. */
const MOST_DISTRIBUTED = 1000;
const TOO_MANY = `the dataset has more parts than the ${MOST_INLINE} that fit into one run; set fanOut: FanOut.DISTRIBUTED, or a larger partSize`;

/** The attempt of a child: that of its Map, and its own. */
const CHILD_ATTEMPT = `$states.input.attempt & ${ATTEMPT}`;
/** What a call may take longer than its function. */
const STARTING_SECONDS = 30;

/** The states of the step in their order, and what is inside those that are Maps. */
interface CleanStates {
  readonly chain: readonly (State & INextable)[];
  readonly inner: readonly (readonly [MapState | ManifestMap, State])[];
}

/** A `PartAnswer`: what a part answered, without where its objects lie. Thousands of urls would not fit into the state. */
function partAnswer(attempt: string): string {
  const answer = '$states.result.Payload';
  return jsonata(
    `{'index': ${answer}.index, 'attempt': ${attempt}, 'read': ${answer}.read, 'deduplicated': ${answer}.deduplicated, ` +
      `'cleaned': ${answer}.cleaned.meta, 'rejected': ${answer}.rejected.meta, 'keys': ${answer}.keys}`,
  );
}

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
   * What becomes of text of more bytes than its column holds.
   * @default OverlongText.REJECT
   */
  readonly overlong?: OverlongText;

  /**
   * How the parts are spread over functions: in the history of the run for few, by a Distributed Map for many.
   * @default FanOut.INLINE
   */
  readonly fanOut?: FanOut;

  /**
   * How long cleaning one part may take, at most 15 minutes. In Express executions the time of all tries and the waits between them is at most 5 minutes.
   * @default Duration.minutes(15) - in Express executions 50 seconds
   */
  readonly partTimeout?: Duration;

  /**
   * How many parts are cleaned at a time: from 1 to 40 inline, to 1,000 distributed.
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

  private readonly timeout: Duration;

  constructor(scope: Construct, id: string, props: LambdaCleanProps = {}) {
    super(scope, id, props);
    const rules = this.renderRules(props.rules ?? []);
    if (props.handler && this.judgesKeys(props)) {
      throw new PipelineError(
        'a handler of your own leaves no keys by which rows are judged over the whole dataset; leave out CleanRule.unique and CleanRule.latest, and let LoadMode.upsert keep one row of each key',
        this,
      );
    }
    this.requireRange('maxRejected', props.maxRejected, 0, Number.MAX_SAFE_INTEGER);
    this.requireRange('maxRejectedShare', props.maxRejectedShare, 0, 1);
    const fanOut = props.fanOut ?? FanOut.INLINE;
    this.requireRange('maxConcurrency', props.maxConcurrency, 1, fanOut === FanOut.INLINE ? 40 : MOST_DISTRIBUTED);
    const express = fanOut === FanOut.DISTRIBUTED_EXPRESS;
    this.timeout = props.partTimeout ?? (express ? Duration.seconds(50) : Duration.minutes(15));
    if (this.timeout.toSeconds() > 900) {
      throw new PipelineError(`partTimeout is ${this.timeout.toHumanString()}, but a Lambda function ends after 15 minutes; lower it`, this);
    }

    this.bucket = props.bucket ?? DataBucket.of(this);
    this.partFunction = props.handler ?? this.defineFunction('PartFunction', 'index.part', 'Cleans one part of a dataset', props, this.timeout);
    this.finishFunction = this.defineFunction('FinishFunction', 'index.finish', 'Puts the cleaned parts of a dataset together', props);

    const states = fanOut === FanOut.INLINE ? this.inlineStates(rules, props) : this.distributedStates(rules, props, express);
    this.startState = states.chain[0]!;
    this.endStates = states.chain.slice(-1);
    states.chain.forEach((state, index) => {
      if (index > 0) states.chain[index - 1]!.next(state);
    });
    this.prefixStates();
    // a Map takes its states with the names they have at that moment, and refuses those of a second step
    for (const [map, inner] of states.inner) map.itemProcessor(inner);
  }

  private inlineStates(rules: unknown[], props: LambdaCleanProps): CleanStates {
    const parts = MapState.jsonata(this, 'Parts', {
      comment: this.entry(),
      items: ProvideItems.jsonata(jsonata(`$dataset.parts > ${MOST_INLINE} ? $error(${literal(TOO_MANY)}) : [0..$dataset.parts - 1]`)),
      maxConcurrency: props.maxConcurrency ?? 10,
    });
    const part = this.invoke('Part', this.partFunction, {
      payload: { dataset: jsonata('$dataset'), index: jsonata('$states.input'), rules, ...this.locations(), ...ifOverlong(props) },
      output: partAnswer(ATTEMPT),
      timeout: this.timeout,
    });
    return { chain: [parts, this.finishState(rules, props, { parts: jsonata('$states.input') })], inner: [[parts, part]] };
  }

  /** Children see no variables, so their Map hands them what they need; its own attempt is part of the keys, as a second Map Run starts anew. */
  private distributedStates(rules: unknown[], props: LambdaCleanProps, express: boolean): CleanStates {
    const parts = this.manifestMap('Parts', props, {
      comment: this.entry(),
      manifest: '$dataset.manifest',
      itemSelector: { dataset: jsonata('$dataset'), index: jsonata('$states.context.Map.Item.Index'), ...this.attempts() },
      executionType: express ? StateMachineType.EXPRESS : StateMachineType.STANDARD,
    });
    const part = this.invoke('Part', this.partFunction, {
      payload: {
        dataset: jsonata('$states.input.dataset'),
        index: jsonata('$states.input.index'),
        rules,
        ...this.childLocations(),
        ...ifOverlong(props),
      },
      output: partAnswer(CHILD_ATTEMPT),
      timeout: this.timeout,
    });
    if (!this.judgesKeys(props)) {
      return { chain: [parts, this.finishState(rules, props, { parts: jsonata('$states.input') })], inner: [[parts, part]] };
    }
    const find = this.invoke('Find duplicates', this.finishFunction, {
      payload: { ...this.finishPayload(rules, props), parts: jsonata('$states.input'), distribute: true },
      assign: { parts: jsonata('$states.input') },
    });
    const rewrite = this.manifestMap('Rewrite', props, {
      comment: this.describe(),
      manifest: '$states.input.duplicates',
      itemSelector: { part: jsonata('$states.context.Map.Item.Value'), ...this.attempts('unique-') },
      executionType: StateMachineType.STANDARD,
    });
    const target = this.defineFunction('RewriteFunction', 'index.rewrite', 'Takes duplicates out of a part of a dataset', props);
    const rewritePart = this.invoke('Rewrite part', target, {
      payload: { part: jsonata('$states.input.part'), output: this.childLocations().output },
      output: partAnswer(CHILD_ATTEMPT),
    });
    const finish = this.finishState(rules, props, { parts: jsonata('$parts'), rewritten: jsonata('$states.input') });
    return {
      chain: [parts, find, rewrite, finish],
      inner: [
        [parts, part],
        [rewrite, rewritePart],
      ],
    };
  }

  private manifestMap(
    id: string,
    { maxConcurrency = 10 }: LambdaCleanProps,
    map: Pick<ConstructorParameters<typeof ManifestMap>[2], 'comment' | 'manifest' | 'itemSelector' | 'executionType'>,
  ): ManifestMap {
    const results = jsonata(`${stepPrefix(WORK, this.id)} & 'results/${id}'`);
    return new ManifestMap(this, id, { ...map, bucket: this.bucket, maxConcurrency, results });
  }

  private entry(): string {
    const reads = [DataFormat.COPY_TEXT, DataFormat.JSON_LINES, DataFormat.REJECTS];
    return this.describe({ entry: true, reads, bucket: this.bucket.bucketName });
  }

  private judgesKeys({ rules = [] }: LambdaCleanProps): boolean {
    return rules.some((rule) => rule._render().rule === 'unique');
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

  private defineFunction(id: string, handler: string, description: string, props: LambdaCleanProps, timeout = Duration.minutes(15)): IFunction {
    const defined = handlerFunction(this, id, {
      asset: 'clean',
      handler,
      description,
      timeout,
      memory: props.memory ?? Size.mebibytes(1769),
    });
    allowRead(defined, this.bucket, WORK, REJECTS);
    allowWrite(defined, this.bucket, WORK, REJECTS);
    return defined;
  }

  private finishState(rules: unknown[], props: LambdaCleanProps, parts: Record<string, string>): ServiceCall {
    return this.invoke('Finish', this.finishFunction, {
      comment: this.describe({ writes: DataFormat.JSON_LINES }),
      payload: { ...this.finishPayload(rules, props), ...parts },
      assign: { dataset: jsonata('$states.result.Payload') },
    });
  }

  private finishPayload(rules: unknown[], { maxRejected, maxRejectedShare }: LambdaCleanProps): Record<string, unknown> {
    return { dataset: jsonata('$dataset'), rules, maxRejected, maxRejectedShare, ...this.locations() };
  }

  private locations(): { output: Location; rejects: Location } {
    const bucket = this.bucket.bucketName;
    return {
      output: { bucket, prefix: attemptPrefix(WORK, this.id) },
      rejects: { bucket, prefix: attemptPrefix(REJECTS, this.id) },
    };
  }

  /** What a child needs to know to say where its attempts write. */
  private attempts(kind = ''): Record<string, string> {
    return {
      work: jsonata(stepPrefix(WORK, this.id)),
      rejects: jsonata(stepPrefix(REJECTS, this.id)),
      attempt: jsonata(`'${kind}' & ${ATTEMPT} & '-'`),
    };
  }

  private childLocations(): { output: Location; rejects: Location } {
    const bucket = this.bucket.bucketName;
    return {
      output: { bucket, prefix: jsonata(`$states.input.work & ${CHILD_ATTEMPT}`) },
      rejects: { bucket, prefix: jsonata(`$states.input.rejects & ${CHILD_ATTEMPT}`) },
    };
  }

  private invoke(
    id: string,
    target: IFunction,
    call: { comment?: string; payload: object; assign?: Record<string, string>; output?: string; timeout?: Duration },
  ): ServiceCall {
    return new ServiceCall(this, id, Stack.of(this).partition, {
      resource: 'lambda:invoke',
      comment: call.comment ?? this.describe(),
      arguments: { FunctionName: target.functionArn, Payload: call.payload },
      assign: call.assign,
      output: call.output ?? jsonata('$states.result.Payload'),
      timeoutSeconds: (call.timeout ?? Duration.minutes(15)).toSeconds() + STARTING_SECONDS,
      policies: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.functionArn] })],
    });
  }
}

function ifOverlong({ overlong }: LambdaCleanProps): { overlong?: OverlongText } {
  return overlong === OverlongText.FAIL ? { overlong } : {};
}
