import { Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  Choice,
  Condition,
  CustomState,
  DefinitionBody,
  Fail,
  IntegrationPattern,
  Map as MapState,
  Parallel,
  Pass,
  ProvideItems,
  QueryLanguage,
  StateMachine,
  Succeed,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService, SqsSendMessage } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { fail, simulate, TaskError } from '../../../lib/testing';
import { testApp } from '../../support/app';

/** Nothing of this library is in it. */
function approvals(): Stack {
  const stack = new Stack(testApp(), 'Approvals');
  const bucket = new Bucket(stack, 'Files');
  const list = CallAwsService.jsonata(stack, 'List', {
    service: 's3',
    action: 'listObjectsV2',
    iamResources: [bucket.bucketArn],
    parameters: { Bucket: bucket.bucketName },
    outputs: '{% [$states.result.Contents.Key] %}',
  });
  const ask = SqsSendMessage.jsonata(stack, 'Ask', {
    queue: new Queue(stack, 'Questions'),
    integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    messageBody: TaskInput.fromObject({ file: '{% $states.input %}', token: '{% $states.context.Task.Token %}' }),
  });
  ask.addRetry({ errors: ['States.Timeout'], maxAttempts: 1 });
  const large = Choice.jsonata(stack, 'Large?')
    .when(Condition.jsonata('{% $states.input.size > 100 %}'), Pass.jsonata(stack, 'Archive', { outputs: 'archived' }))
    .otherwise(Pass.jsonata(stack, 'Keep', { outputs: 'kept' }));
  const approved = Choice.jsonata(stack, 'Approved?')
    .when(Condition.jsonata('{% $states.input.approved %}'), large)
    .otherwise(Pass.jsonata(stack, 'Reject', { outputs: 'rejected' }));
  const each = MapState.jsonata(stack, 'Each', { items: ProvideItems.jsonata('{% $states.input %}') }).itemProcessor(ask.next(approved));
  const both = Parallel.jsonata(stack, 'Both')
    .branch(each)
    .branch(Pass.jsonata(stack, 'Count', { outputs: '{% $count($states.input) %}' }));
  const nobody = Fail.jsonata(stack, 'Nobody', { error: 'NoApprover' });
  both.addCatch(nobody, { errors: ['States.Timeout'] });
  new StateMachine(stack, 'Machine', {
    definitionBody: DefinitionBody.fromChainable(list.next(both).next(Succeed.jsonata(stack, 'Done'))),
    queryLanguage: QueryLanguage.JSONATA,
  });
  return stack;
}

const listed = { Contents: [{ Key: 'a' }, { Key: 'b' }, { Key: 'c' }] };
const answer: Record<string, object> = { a: { approved: true, size: 500 }, b: { approved: true, size: 5 }, c: { approved: false, size: 1 } };
const handlers = {
  'aws-sdk:s3:listObjectsV2': () => listed,
  Ask: ({ MessageBody }: { MessageBody: { file: string } }) => answer[MessageBody.file],
};

describe('a state machine with nothing of this library in it', () => {
  test('simulates as it is: Map in Parallel, a task token, nested Choices', async () => {
    const run = await simulate(approvals(), { handlers });
    expect(run.output).toEqual([['archived', 'kept', 'rejected'], 3]);
  });

  test('gives its handlers the token that it waits for, and virtual time', async () => {
    const tokens = new Set();
    const run = await simulate(approvals(), {
      handlers: {
        ...handlers,
        Ask: async ({ MessageBody }: { MessageBody: { token: string } }, { context, sleep }) => {
          expect(MessageBody.token).toBe((context.Task as { Token: string }).Token);
          tokens.add(MessageBody.token);
          await sleep(3600);
          return { approved: false };
        },
      },
    });
    expect(tokens.size).toBe(3);
    expect(run.ms).toBe(3_600_000);
  });

  test('fails as its handlers do', async () => {
    const full = () => {
      throw new TaskError('Sqs.SqsException', 'full');
    };
    const run = await simulate(approvals(), { handlers: { ...handlers, Ask: full } });
    expect([run.status, run.error, run.cause]).toEqual(['FAILED', 'Sqs.SqsException', 'full']);
  });

  test('keeps its own Retry and Catch', async () => {
    const run = await simulate(approvals(), { handlers, faults: [fail('Ask', { error: 'States.Timeout' })] });
    expect(run.attempts.Ask!.filter(({ item }) => item === 0)).toHaveLength(2);
    expect(run.error).toBe('NoApprover');
  });

  test('without an answer for a task ends the simulation, with the state, its resource and what to write', async () => {
    await expect(simulate(approvals(), { handlers: { Ask: () => ({}) } })).rejects.toThrow(
      /state 'List' calls arn:aws:states:::aws-sdk:s3:listObjectsV2 with Bucket, .*\{ 'List': \(args\) => .*\{ 'aws-sdk:s3:listObjectsV2': /,
    );
  });
});

describe('a function that is the resource itself', () => {
  const stack = () => {
    const made = new Stack(testApp(), 'Direct');
    const call = new CustomState(made, 'Call', {
      stateJson: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:123456789012:function:mine', Arguments: { a: 1 } },
    });
    new StateMachine(made, 'Machine', { definitionBody: DefinitionBody.fromChainable(call), queryLanguage: QueryLanguage.JSONATA });
    return made;
  };

  test("is answered under 'lambda', with its result alone", async () => {
    expect((await simulate(stack(), { handlers: { lambda: ({ a }) => ({ got: a }) } })).output).toEqual({ got: 1 });
  });

  test('has no answer of its own', async () => {
    await expect(simulate(stack())).rejects.toThrow(/state 'Call' .*\{ 'lambda': /);
  });
});

test('a state machine in JSONPath is refused with what to do', async () => {
  const stack = new Stack(testApp(), 'Old');
  const choice = new Choice(stack, 'Which?')
    .when(Condition.booleanEquals('$.a', true), new Succeed(stack, 'Yes'))
    .otherwise(new Succeed(stack, 'No'));
  new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromChainable(choice) });
  await expect(simulate(stack)).rejects.toThrow(/state 'Which\?': JSONPath is not implemented.*make its states with \.jsonata\(\.\.\.\)/s);
});

test('a stack with several state machines needs to be told which', async () => {
  const stack = new Stack(testApp(), 'Two');
  for (const id of ['First', 'Second']) {
    const pass = Pass.jsonata(stack, `${id} pass`, { outputs: id });
    new StateMachine(stack, id, { definitionBody: DefinitionBody.fromChainable(pass), queryLanguage: QueryLanguage.JSONATA });
  }
  await expect(simulate(stack)).rejects.toThrow(/expected one state machine matching '' in stack 'Two', got 2/);
  expect((await simulate(stack, { machine: 'Second' })).output).toBe('Second');
});
