import { Stack } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { PipelineError } from '../private/error';
import { jsonata } from '../private/jsonata';
import { publishStatements } from '../private/publish';
import { ServiceCall } from '../private/service-call';
import { Step, type StepProps } from '../step';

/** What is told, and to whom. */
export interface SnsNotifyProps extends StepProps {
  /** Who is told. A topic with a customer managed key works too: the state machine is granted what it needs on the key. */
  readonly topic: ITopic;

  /**
   * The subject: text, or JSONata in `{% %}`. Fewer than 100 characters.
   * @default - the pipeline's name and how many rows were loaded
   */
  readonly subject?: string;

  /**
   * The message: text, or JSONata in `{% %}`.
   * @default - counts, where the rejected rows are, run id and console link
   */
  readonly message?: string;
}

/**
 * Tells a topic that the run succeeded, with its counts.
 *
 * At run time one `sns:publish`. SNS delivers at least once; the message carries the run id to tell duplicates by.
 *
 * @example
 * const notify = new SnsNotify(this, 'Notify', { topic });
 */
export class SnsNotify extends Step {
  public readonly startState: State;
  public readonly endStates: INextable[];

  /** Who is told. */
  public readonly topic: ITopic;

  constructor(scope: Construct, id: string, props: SnsNotifyProps) {
    super(scope, id, props);
    if (!props.topic) throw new PipelineError('a topic is missing; pass an sns.ITopic, or leave the step out of the pipeline', this);
    this.topic = props.topic;
    const publish = new ServiceCall(this, 'Publish', Stack.of(this).partition, {
      resource: 'sns:publish',
      comment: this.describe({ entry: true }),
      arguments: { TopicArn: props.topic.topicArn, Subject: props.subject ?? SUBJECT, Message: props.message ?? MESSAGE },
      output: jsonata(props.message ? '$states.input' : '$dataset'),
      timeoutSeconds: 60,
      policies: publishStatements(props.topic),
    });
    this.startState = publish;
    this.endStates = [publish];
    this.prefixStates();
  }
}

const RUN = '$states.context.Execution';
const REGION = `$split(${RUN}.Id, ':')[3]`;

const SUBJECT = jsonata("$substring('OK ' & $states.context.StateMachine.Name & ': ' & $string($dataset.recordCount) & ' rows', 0, 99)");

const MESSAGE = jsonata(
  `$join([${[
    `'Pipeline: ' & $states.context.StateMachine.Name`,
    `'Dataset: ' & $dataset.name`,
    `$dataset.recordCount = 0 ? 'No records: the load was skipped.' : 'Loaded.'`,
    `'Counts: ' & $join($each($dataset.counts, function($count, $step) { $step & ' ' & $string($count) }), ', ')`,
    `$dataset.counts.rejected > 0 ? 'Rejected rows, with reasons: ' & $dataset.rejects : 'No row was rejected.'`,
    `'Run: ' & ${RUN}.Name`,
    `'Seconds: ' & $string($round(($millis() - $toMillis(${RUN}.StartTime)) / 1000))`,
    `'Look: https://' & ${REGION} & '.console.aws.amazon.com/states/home?region=' & ${REGION} & '#/v2/executions/details/' & ${RUN}.Id`,
  ].join(', ')}], '\\n')`,
);
