import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Pass } from 'aws-cdk-lib/aws-stepfunctions';
import { type DataPipelineProps, LambdaClean, RdsExtract } from '../lib';
import { aslOf } from '../lib/testing';
import { testStack } from './support/app';
import { existing } from './support/existing';
import { pipelineOf, synthErrors } from './support/stacks';

function make(props: Partial<DataPipelineProps> = {}) {
  const stack = testStack();
  const pipeline = pipelineOf(stack, Pass.jsonata(stack, 'Begin'), props);
  return { stack, pipeline, template: () => Template.fromStack(stack) };
}

test('is a Standard machine, traced, that logs every event without its data', () => {
  make()
    .template()
    .hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
});

test('logs where no resource policy is needed, under a name that a stack deployed anew does not meet again', () => {
  const { template } = make();
  template().hasResource('AWS::Logs::LogGroup', {
    DeletionPolicy: 'Retain',
    Properties: {
      LogGroupName: {
        'Fn::Join': [
          '',
          [Match.stringLikeRegexp('^/aws/vendedlogs/states/Test-Pipeline'), { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }],
        ],
      },
      RetentionInDays: 90,
    },
  });
});

test('ends after a day unless told otherwise', () => {
  expect(aslOf(make().stack)).toMatchObject({ QueryLanguage: 'JSONata', TimeoutSeconds: 86_400 });
  expect(aslOf(make({ timeout: Duration.hours(2) }).stack)).toMatchObject({ TimeoutSeconds: 7_200 });
});

test('runs on a schedule, and keeps starts that never succeeded', () => {
  const { template, pipeline } = make({ schedule: ScheduleExpression.rate(Duration.hours(1)) });
  template().hasResourceProperties('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'rate(1 hour)',
    Target: {
      Arn: { Ref: Match.stringLikeRegexp('^PipelineStateMachine') },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^PipelineScheduleDeadLetters'), 'Arn'] } },
      RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
    },
  });
  expect(pipeline.scheduleDeadLetters).toBeDefined();
});

test('has no schedule unless asked', () => {
  make().template().resourceCountIs('AWS::Scheduler::Schedule', 0);
});

test('takes a role of your own and grants it what the steps need', () => {
  const stack = testStack();
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  const pipeline = pipelineOf(stack, new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'orders' }), { role });
  expect(pipeline.role).toBe(role);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    Roles: [{ Ref: Match.stringLikeRegexp('^Role') }],
    PolicyDocument: {
      Statement: Match.arrayWith([
        { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ExtractFunction'), 'Arn'] } },
      ]),
    },
  });
});

test('lets others start runs', () => {
  const { stack, pipeline, template } = make();
  pipeline.grantStartExecution(new User(stack, 'Person'));
  template().hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [{ Action: 'states:StartExecution', Effect: 'Allow', Resource: { Ref: Match.stringLikeRegexp('^PipelineStateMachine') } }],
    },
  });
});

test.each([
  ['metricStarted', 'ExecutionsStarted'],
  ['metricSucceeded', 'ExecutionsSucceeded'],
  ['metricFailed', 'ExecutionsFailed'],
  ['metricTimedOut', 'ExecutionsTimedOut'],
  ['metricAborted', 'ExecutionsAborted'],
  ['metricThrottled', 'ExecutionThrottled'],
  ['metricTime', 'ExecutionTime'],
] as const)('%s is %s of the state machine', (method, name) => {
  const { pipeline } = make();
  const metric = pipeline[method]({ label: 'mine' });
  expect(metric).toMatchObject({ namespace: 'AWS/States', metricName: name, label: 'mine' });
  expect(metric.dimensions).toEqual({ StateMachineArn: pipeline.stateMachine.stateMachineArn });
});

describe('what is wrong with a pipeline is said at synthesis', () => {
  test('fails when the definition is missing', () => {
    expect(() => make({ definition: undefined })).toThrow('[Test/Pipeline] a definition is missing; chain the steps');
  });

  test('fails when alerts is missing', () => {
    expect(() => make({ alerts: undefined })).toThrow('[Test/Pipeline] alerts is missing; use AlertPolicy.toTopic(topic), or AlertPolicy.none()');
  });

  test('fails when the same step is joined twice', () => {
    const stack = testStack();
    const extract = new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'orders' });
    pipelineOf(stack, extract.next(new LambdaClean(stack, 'Clean')).next(extract));
    expect(synthErrors(stack)).toMatch(/step 'Extract'.*twice/);
  });

  test('fails when two states have the same name', () => {
    const stack = testStack();
    const name = (id: string) => Pass.jsonata(stack, id, { stateName: 'Same' });
    expect(() => pipelineOf(stack, name('A').next(name('B')))).toThrow(/Same/);
  });
});
