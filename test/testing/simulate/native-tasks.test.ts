import { Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Cluster, ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  DefinitionBody,
  type IChainable,
  type INextable,
  IntegrationPattern,
  Pass,
  QueryLanguage,
  StateMachine,
  TaskInput,
  type TaskStateBase,
} from 'aws-cdk-lib/aws-stepfunctions';
import {
  AthenaStartQueryExecution,
  CallAwsService,
  DynamoAttributeValue,
  DynamoPutItem,
  EcsFargateLaunchTarget,
  EcsRunTask,
  EventBridgePutEvents,
  GlueStartJobRun,
  LambdaInvoke,
  SqsSendMessage,
  StepFunctionsStartExecution,
} from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { fail, simulate, throttle, timeOut } from '../../../lib/testing';
import { testApp } from '../../support/app';

const RUN_JOB = { integrationPattern: IntegrationPattern.RUN_JOB };

/** Native tasks of aws-stepfunctions-tasks, each as its documentation shows it. */
const TASKS: Record<string, (stack: Stack) => TaskStateBase> = {
  'ecs:runTask.sync': (stack) => {
    const taskDefinition = new FargateTaskDefinition(stack, 'Definition');
    taskDefinition.addContainer('main', { image: ContainerImage.fromRegistry('busybox') });
    return EcsRunTask.jsonata(stack, 'Task', {
      ...RUN_JOB,
      cluster: new Cluster(stack, 'Cluster'),
      taskDefinition,
      launchTarget: new EcsFargateLaunchTarget(),
    });
  },
  'glue:startJobRun.sync': (stack) => GlueStartJobRun.jsonata(stack, 'Task', { ...RUN_JOB, glueJobName: 'job' }),
  'dynamodb:putItem': (stack) =>
    DynamoPutItem.jsonata(stack, 'Task', {
      table: new Table(stack, 'Table', { partitionKey: { name: 'id', type: AttributeType.STRING } }),
      item: { id: DynamoAttributeValue.fromString('{% $states.input.id %}') },
    }),
  'aws-sdk:ssm:getParameter': (stack) =>
    CallAwsService.jsonata(stack, 'Task', {
      service: 'ssm',
      action: 'getParameter',
      parameters: { Name: '{% $states.input.id %}' },
      iamResources: ['*'],
    }),
  'states:startExecution.sync:2': (stack) => {
    const definitionBody = DefinitionBody.fromChainable(Pass.jsonata(stack, 'Inside'));
    const stateMachine = new StateMachine(stack, 'Nested', { definitionBody, queryLanguage: QueryLanguage.JSONATA });
    return StepFunctionsStartExecution.jsonata(stack, 'Task', {
      ...RUN_JOB,
      stateMachine,
      input: TaskInput.fromObject({ id: '{% $states.input.id %}' }),
    });
  },
  'events:putEvents': (stack) =>
    EventBridgePutEvents.jsonata(stack, 'Task', {
      entries: [
        { detail: TaskInput.fromObject({ id: '{% $states.input.id %}' }), detailType: 'd', source: 's', eventBus: new EventBus(stack, 'Bus') },
      ],
    }),
  'sqs:sendMessage': (stack) =>
    SqsSendMessage.jsonata(stack, 'Task', { queue: new Queue(stack, 'Queue'), messageBody: TaskInput.fromText('{% $states.input.id %}') }),
  'lambda:invoke': (stack) =>
    LambdaInvoke.jsonata(stack, 'Task', { lambdaFunction: LambdaFunction.fromFunctionName(stack, 'Fn', 'f'), retryOnServiceExceptions: false }),
  'athena:startQueryExecution.sync': (stack) =>
    AthenaStartQueryExecution.jsonata(stack, 'Task', { ...RUN_JOB, queryString: "{% 'SELECT ' & $states.input.id %}", workGroup: 'primary' }),
};

function stackOf(resource: string): Stack {
  const stack = new Stack(testApp(), 'Native');
  const task = TASKS[resource]!(stack);
  task.addRetry({ errors: ['States.ALL'], maxAttempts: 1 });
  const chain: IChainable & INextable = task;
  new StateMachine(stack, 'Machine', {
    definitionBody: DefinitionBody.fromChainable(chain.next(Pass.jsonata(stack, 'End', { outputs: { got: '{% $states.input %}' } }))),
    queryLanguage: QueryLanguage.JSONATA,
  });
  return stack;
}

describe.each(Object.keys(TASKS))('%s', (resource) => {
  const stack = stackOf(resource);
  const answer = { answer: resource };
  const input = { id: 'seven' };
  const at = { machine: 'Machine', input };

  test('is answered by its resource, and asked what its construct was told', async () => {
    const asked: unknown[] = [];
    const run = await simulate(stack, { ...at, handlers: { [resource]: (args) => asked.push(args) && answer } });
    expect([run.status, run.output]).toEqual(['SUCCEEDED', { got: answer }]);
    expect(asked).toEqual([expect.any(Object)]);
    expect(JSON.stringify(asked)).not.toContain('{%');
  });

  test('fails, is throttled and retried as its Retry says', async () => {
    const handlers = { Task: () => answer };
    const once = await simulate(stack, { ...at, handlers, faults: [throttle('Task', { times: 1 })] });
    expect([once.status, once.attempts.Task!.length]).toEqual(['SUCCEEDED', 2]);
    const failed = await simulate(stack, { ...at, handlers, faults: [fail('Task', { error: 'Own.Error' })] });
    expect([failed.status, failed.error]).toEqual(['FAILED', 'Own.Error']);
  });

  test('without an answer ends the simulation with what to write', async () => {
    await expect(simulate(stack, at)).rejects.toThrow(`state 'Task' calls`);
  });
});

test('a job that never ends takes all the time of the machine', async () => {
  const run = await simulate(stackOf('glue:startJobRun.sync'), { handlers: { Task: () => ({}) }, faults: [timeOut('Task')] });
  expect(run.status).toBe('TIMED_OUT');
  expect(run.history.map(({ type }) => type)).toEqual(['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'ExecutionTimedOut']);
});
