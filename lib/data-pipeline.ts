import { Duration, Fn, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { type IChainable, LogLevel, QueryLanguage, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { scheduleRuns } from './operations/schedule';
import type { AlertPolicy } from './policies/alert-policy';
import { PipelineDefinition } from './policies/pipeline-definition';
import type { RetryPolicy } from './policies/retry-policy';
import { acknowledgeWildcard } from './private/acknowledge';
import { PipelineError } from './private/error';

/** What makes a pipeline. */
export interface DataPipelineProps {
  /** Steps and native states, chained: `extract.next(clean).next(load)`. */
  readonly definition: IChainable;

  /** Who is told when a run ends without success. `AlertPolicy.none()` tells nobody. */
  readonly alerts: AlertPolicy;

  /**
   * How often a failed task is tried again. A step may override it.
   * @default RetryPolicy.twice()
   */
  readonly retry?: RetryPolicy;

  /**
   * When runs start.
   * @default - they are started by hand or by someone else
   */
  readonly schedule?: ScheduleExpression;

  /**
   * How long a run may take. A run that takes longer ends as TIMED_OUT, and alerts.
   * @default Duration.hours(24)
   */
  readonly timeout?: Duration;

  /**
   * The role of the state machine. It is granted what the steps need, if it can be changed.
   * @default - a role of its own
   */
  readonly role?: IRole;

  /**
   * How long the state machine's log is kept.
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
}

/**
 * Steps and policies as one Standard state machine.
 *
 * At run time one execution is one run, and its name is the run id. Every failed task is tried again as the retry policy says, and every run that
 * ends without success alerts once. State transitions are logged without the data; state holds pointers and counts, never rows.
 *
 * @example
 * new DataPipeline(this, 'Orders', {
 *   definition: extract.next(clean).next(parquet).next(load.skipWhenEmpty()).next(extract.commit()).next(notify),
 *   alerts: AlertPolicy.toTopic(topic),
 *   schedule: ScheduleExpression.rate(Duration.hours(1)),
 * });
 */
export class DataPipeline extends Construct implements IGrantable {
  /** The state machine. */
  public readonly stateMachine: StateMachine;
  /** The role of the state machine. */
  public readonly role: IRole;
  /** The log of state transitions. */
  public readonly logGroup: ILogGroup;
  /** Holds scheduled starts that never succeeded, if there is a schedule. */
  public readonly scheduleDeadLetters?: IQueue;

  constructor(scope: Construct, id: string, props: DataPipelineProps) {
    super(scope, id);
    if (!props.definition) throw new PipelineError('a definition is missing; chain the steps, as in extract.next(clean).next(load)', this);
    if (!props.alerts)
      throw new PipelineError('alerts is missing; use AlertPolicy.toTopic(topic), or AlertPolicy.none() if nobody shall be told', this);

    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: this.logGroupName(),
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      definitionBody: new PipelineDefinition(props.definition, { retry: props.retry, alerts: props.alerts, runInput: true }),
      queryLanguage: QueryLanguage.JSONATA,
      stateMachineType: StateMachineType.STANDARD,
      timeout: props.timeout ?? Duration.hours(24),
      role: props.role,
      tracingEnabled: true,
      logs: { destination: this.logGroup, level: LogLevel.ALL, includeExecutionData: false },
    });
    this.role = this.stateMachine.role;
    acknowledgeWildcard(this.role, '*', 'AWS has no resource scope for log delivery and X-Ray.');
    if (props.schedule) this.scheduleDeadLetters = scheduleRuns(this, this.stateMachine, props.schedule);
  }

  /** What grants to the pipeline are made to: the state machine's role. */
  public get grantPrincipal() {
    return this.stateMachine.grantPrincipal;
  }

  /** Allows someone to start runs. */
  public grantStartExecution(grantee: IGrantable): Grant {
    return this.stateMachine.grantStartExecution(grantee);
  }

  /** A metric of the state machine. */
  public metric(metricName: string, options?: MetricOptions): Metric {
    return this.stateMachine.metric(metricName, options);
  }

  /** How many runs started. */
  public metricStarted(options?: MetricOptions): Metric {
    return this.stateMachine.metricStarted(options);
  }

  /** How many runs succeeded. */
  public metricSucceeded(options?: MetricOptions): Metric {
    return this.stateMachine.metricSucceeded(options);
  }

  /** How many runs failed. */
  public metricFailed(options?: MetricOptions): Metric {
    return this.stateMachine.metricFailed(options);
  }

  /** How many runs timed out. */
  public metricTimedOut(options?: MetricOptions): Metric {
    return this.stateMachine.metricTimedOut(options);
  }

  /** How many runs were aborted. */
  public metricAborted(options?: MetricOptions): Metric {
    return this.stateMachine.metricAborted(options);
  }

  /** How many state transitions were throttled. */
  public metricThrottled(options?: MetricOptions): Metric {
    return this.stateMachine.metricThrottled(options);
  }

  /** How long runs take, in milliseconds. */
  public metricTime(options?: MetricOptions): Metric {
    return this.stateMachine.metricTime(options);
  }

  /**
   * Logs under `/aws/vendedlogs/` need no entry in the account's log resource policy, which is bounded in size. The stack's own id keeps a stack
   * that is deployed anew from meeting the log group that its predecessor left.
   */
  private logGroupName(): string {
    const unique = Fn.select(2, Fn.split('/', Stack.of(this).stackId));
    return `/aws/vendedlogs/states/${Names.uniqueResourceName(this, { maxLength: 80, separator: '-' })}-${unique}`;
  }
}
