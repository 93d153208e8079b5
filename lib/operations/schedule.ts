import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Schedule, type ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';

/**
 * Starts a pipeline on a schedule. At run time EventBridge Scheduler tries for an hour to start a run; a start that never succeeded lies in the
 * dead-letter queue.
 */
export function scheduleRuns(scope: Construct, stateMachine: IStateMachine, expression: ScheduleExpression): IQueue {
  const deadLetters = new Queue(scope, 'ScheduleDeadLetters', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(deadLetters, 'AwsSolutions-SQS3', 'This queue is the dead-letter queue.');
  new Schedule(scope, 'Schedule', {
    schedule: expression,
    target: new StepFunctionsStartExecution(stateMachine, {
      // Without one, Scheduler sends an event of its own, which is no run input.
      input: ScheduleTargetInput.fromObject({}),
      deadLetterQueue: deadLetters,
      maxEventAge: Duration.hours(1),
      retryAttempts: 10,
    }),
  });
  return deadLetters;
}
