import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { AlertPolicy, DataPipeline, LambdaClean, RdsExtract } from '../../lib';
import { aslOf } from '../../lib/testing';
import { testStack } from '../support/app';
import { existing } from '../support/existing';

function pipeline(stack: Stack, alerts: AlertPolicy): Template {
  new DataPipeline(stack, 'Pipeline', { definition: definition(stack), alerts });
  return Template.fromStack(stack);
}

function definition(stack: Stack): IChainable {
  return new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'orders' }).next(new LambdaClean(stack, 'Clean'));
}

describe('toTopic', () => {
  test('publishes what was caught, then fails with the original error and a cause that is marked', () => {
    const stack = testStack();
    pipeline(stack, AlertPolicy.toTopic(new Topic(stack, 'Topic')));
    const { States } = aslOf(stack);
    expect(States['Alert: Publish']).toMatchObject({
      Type: 'Task',
      Arguments: { TopicArn: expect.stringContaining('Topic') },
      Next: 'Alert: Failed',
    });
    expect(States['Alert: Failed']).toEqual({
      Type: 'Fail',
      Error: '{% $failure.Error %}',
      Cause: "{% $substring('[alerted] ' & $failure.Cause, 0, 32000) %}",
    });
  });

  test('says step, error, cause, run id, where to look and what to do next', () => {
    const stack = testStack();
    pipeline(stack, AlertPolicy.toTopic(new Topic(stack, 'Topic')));
    const { Message, Subject } = aslOf(stack).States['Alert: Publish']!.Arguments as Record<string, string>;
    for (const part of ['$failure.state', '$failure.Error', '$failure.Cause', 'Execution.Name', 'console.aws.amazon.com', 'start-execution']) {
      expect(Message).toContain(part);
    }
    expect(Subject).toContain('0, 99');
  });

  test('has a rule for runs of this machine that ended without success and were not told of', () => {
    const stack = testStack();
    const template = pipeline(stack, AlertPolicy.toTopic(new Topic(stack, 'Topic')));
    const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
    expect(rule!.Properties.EventPattern).toEqual({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: {
        stateMachineArn: [{ Ref: expect.stringMatching('^PipelineStateMachine') }],
        status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        cause: [{ exists: false }, null, { 'anything-but': { prefix: '[alerted] ' } }],
      },
    });
    expect(rule!.Properties.Targets).toEqual([expect.objectContaining({ Arn: { Ref: expect.stringMatching('^Topic') } })]);
  });

  test('lets EventBridge and CloudWatch publish to the topic', () => {
    const stack = testStack();
    const template = pipeline(stack, AlertPolicy.toTopic(new Topic(stack, 'Topic')));
    for (const Service of ['events.amazonaws.com', 'cloudwatch.amazonaws.com']) {
      template.hasResourceProperties('AWS::SNS::TopicPolicy', {
        PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'sns:Publish', Effect: 'Allow', Principal: { Service } })]) },
      });
    }
  });

  test('lets EventBridge, CloudWatch and the state machine use the key of the topic', () => {
    const stack = testStack();
    const template = pipeline(stack, AlertPolicy.toTopic(new Topic(stack, 'Topic', { masterKey: new Key(stack, 'Key') })));
    for (const Service of ['events.amazonaws.com', 'cloudwatch.amazonaws.com']) {
      template.hasResourceProperties('AWS::KMS::Key', {
        KeyPolicy: {
          Statement: Match.arrayWith([
            Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Effect: 'Allow', Principal: { Service } }),
          ]),
        },
      });
    }
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } }),
        ]),
      },
    });
  });

  test('warns that the policy of an imported topic is not ours to change', () => {
    const stack = testStack();
    pipeline(stack, AlertPolicy.toTopic(Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111111111111:team')));
    Annotations.fromStack(stack).hasWarning(
      '/Test/Pipeline/StateMachine',
      Match.stringLikeRegexp('allow events.amazonaws.com and cloudwatch.amazonaws.com'),
    );
  });

  test('fails when the topic is missing', () => {
    expect(() => AlertPolicy.toTopic(undefined as unknown as Topic)).toThrow('a topic is missing; pass an sns.ITopic, or use AlertPolicy.none()');
  });
});

describe('onEvent', () => {
  test('has no Catch, and a rule for every failed run', () => {
    const stack = testStack();
    const topic = new Topic(stack, 'Topic');
    new DataPipeline(stack, 'Pipeline', { definition: definition(stack), alerts: AlertPolicy.onEvent(topic) });
    const pattern = Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule'))[0]!.Properties.EventPattern;
    expect(pattern.detail).not.toHaveProperty('cause');
    expect(JSON.stringify(aslOf(stack))).not.toContain('$failure');
    expect(Object.keys(aslOf(stack).States).filter((name) => name.startsWith('Alert'))).toEqual([]);
  });
});

describe('none', () => {
  test('has neither a Catch nor a rule', () => {
    const stack = testStack();
    pipeline(stack, AlertPolicy.none()).resourceCountIs('AWS::Events::Rule', 0);
    expect(Object.keys(aslOf(stack).States).filter((name) => name.startsWith('Alert'))).toEqual([]);
  });
});

test('every outermost task and map leads to the alert', () => {
  const stack = testStack();
  pipeline(stack, AlertPolicy.toTopic(new Topic(stack, 'Topic')));
  const { States } = aslOf(stack);
  for (const name of ['Extract: Run', 'Clean: Parts', 'Clean: Finish']) {
    expect(States[name]!.Catch).toEqual([
      { ErrorEquals: ['States.ALL'], Assign: { failure: expect.stringContaining(`{% $merge([{'state': '${name}', `) }, Next: 'Alert: Checkpoint' },
    ]);
  }
});
