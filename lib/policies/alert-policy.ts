import { Annotations, Lazy } from 'aws-cdk-lib';
import { EventField, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { AlertSpec } from '../asl';
import type { CheckpointPlace } from '../asl/run-input';
import { publishStatements } from '../private/publish';
import { ALERTED, alertStates } from './alert-states';

/**
 * Who is told when a run ends without success. Every such run alerts once.
 *
 * Neither kind misses what the state machine itself cannot see: a run that timed out, was aborted, or failed where no Catch reaches.
 */
export abstract class AlertPolicy {
  /**
   * The state machine catches the failure, publishes step, error, cause, run id and what to do next to the topic, and fails with the
   * original error. An EventBridge rule tells the same topic of runs that end without passing there.
   *
   * A run that is stopped, or runs out of time, in the moment after its failure was published is told of twice, as any message of SNS may
   * come twice; each names the run id to tell by.
   *
   * The statements that the topic's and its key's policy need for the state machine, EventBridge and CloudWatch are added.
   */
  public static toTopic(topic: ITopic): AlertPolicy {
    return new TopicAlerts(topic, true);
  }

  /**
   * Only an EventBridge rule tells the topic; the state machine has no Catch. `RedriveExecution` then starts again at the step that failed,
   * where after a Catch it would start at the final Fail state. The message has less to say, and such events are delivered at best effort.
   *
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
   */
  public static onEvent(topic: ITopic): AlertPolicy {
    return new TopicAlerts(topic, false);
  }

  /** Nobody is told. */
  public static none(): AlertPolicy {
    return new NoAlerts();
  }

  /**
   * The states that a caught failure goes to. Without a place for checkpoints they leave none.
   * @internal
   */
  public abstract _states(scope: Construct, checkpoint?: CheckpointPlace): AlertSpec | undefined;

  /**
   * Makes everything around the state machine that alerts.
   * @internal
   */
  public abstract _attach(machine: Construct, principal: iam.IPrincipal): void;
}

class NoAlerts extends AlertPolicy {
  public _states(): undefined {
    return undefined;
  }

  public _attach(): void {}
}

class TopicAlerts extends AlertPolicy {
  constructor(
    private readonly topic: ITopic,
    private readonly caught: boolean,
  ) {
    super();
    if (!topic) throw new Error('alert policy: a topic is missing; pass an sns.ITopic, or use AlertPolicy.none()');
  }

  public _states(scope: Construct, checkpoint?: CheckpointPlace): AlertSpec | undefined {
    return this.caught ? alertStates(Stack.of(scope).partition, this.topic.topicArn, checkpoint) : undefined;
  }

  public _attach(machine: Construct, principal: iam.IPrincipal): void {
    if (this.caught) {
      for (const statement of publishStatements(this.topic)) principal.addToPrincipalPolicy(statement);
    }
    this.addRule(machine);
    this.allowServices(machine);
  }

  private addRule(machine: Construct): void {
    const untold = Match.anyOf(Match.doesNotExist(), Match.nullValue(), Match.anythingButPrefix(ALERTED));
    new Rule(machine, 'AlertRule', {
      description: 'Runs that ended without success and were not told of by the state machine itself.',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [Lazy.string({ produce: () => (machine as StateMachine).stateMachineArn })],
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
          ...(this.caught ? { cause: untold } : {}),
        },
      },
      targets: [new SnsTopic(this.topic, { message: eventMessage() })],
    });
  }

  /** CloudWatch alarms reach the topic too; an added topic policy replaces the default one that would have let them. */
  private allowServices(machine: Construct): void {
    const account = { StringEquals: { 'aws:SourceAccount': Stack.of(machine).account } };
    const cloudwatch = new iam.ServicePrincipal('cloudwatch.amazonaws.com');
    const { statementAdded } = this.topic.addToResourcePolicy(
      new iam.PolicyStatement({ principals: [cloudwatch], actions: ['sns:Publish'], resources: [this.topic.topicArn], conditions: account }),
    );
    if (!statementAdded) {
      Annotations.of(machine).addWarningV2(
        'cdk-data-pipeline:importedTopicPolicy',
        'the alert topic is imported, so its policy cannot be changed here; allow events.amazonaws.com and cloudwatch.amazonaws.com to call sns:Publish on it ' +
          '(and kms:GenerateDataKey* and kms:Decrypt on its key, if it has one), or runs that time out or are aborted alert nobody',
      );
    }
    this.topic.masterKey?.addToResourcePolicy(
      new iam.PolicyStatement({ principals: [cloudwatch], actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'], conditions: account }),
    );
  }
}

/** What the rule sends. The run id lets a reader match it with a message of the state machine's own. */
function eventMessage(): RuleTargetInput {
  const field = (name: string) => EventField.fromPath(`$.detail.${name}`);
  return RuleTargetInput.fromObject({
    pipeline: field('stateMachineArn'),
    status: field('status'),
    runId: field('name'),
    error: field('error'),
    cause: field('cause'),
    next: `aws stepfunctions get-execution-history --reverse-order --max-items 20 --execution-arn ${field('executionArn')}`,
  });
}
