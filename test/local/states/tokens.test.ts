import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  InvalidOutput,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { TaskError, type TaskHandler, VirtualClock } from '../../../lib/engine';
import type { LocalStatesOptions } from '../../../lib/local/states';
import { rejection } from '../aws/support';
import { ARN, definition, ROLE, startTestStates, type TestStates, task } from './support';

let states: TestStates;
afterEach(() => states.close());

const CALLBACK = { Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Arguments: { Token: '{% $states.context.Task.Token %}' } };

/** A task that hands its token to whoever awaits the next one. */
function handingOut() {
  const resources: string[] = [];
  const tokens: string[] = [];
  const takers: ((token: string) => void)[] = [];
  const tasks: TaskHandler = async ({ resource, arguments: args }) => {
    resources.push(resource);
    const { Token } = args as { Token: string };
    const taker = takers.shift();
    if (taker) taker(Token);
    else tokens.push(Token);
  };
  const next = () => (tokens.length > 0 ? Promise.resolve(tokens.shift()!) : new Promise<string>((resolve) => takers.push(resolve)));
  return { tasks, next, resources };
}

async function begin(options: Partial<LocalStatesOptions>, fields: object = {}): Promise<string> {
  states = await startTestStates(options);
  await states.sfn.send(
    new CreateStateMachineCommand({ name: 'orders', definition: definition({ Ask: task({ ...CALLBACK, ...fields }) }), roleArn: ROLE }),
  );
  return (await states.sfn.send(new StartExecutionCommand({ stateMachineArn: ARN }))).executionArn!;
}

async function result(executionArn: string) {
  await states.idle();
  return states.sfn.send(new DescribeExecutionCommand({ executionArn }));
}

const succeed = (taskToken: string, output = '{"answer":42}') => states.sfn.send(new SendTaskSuccessCommand({ taskToken, output }));

test('a task waits for the answer of whoever holds its token; its service is asked without the suffix', async () => {
  const { tasks, next, resources } = handingOut();
  const executionArn = await begin({ tasks });
  const token = await next();
  expect((await states.sfn.send(new DescribeExecutionCommand({ executionArn }))).status).toBe('RUNNING');
  await succeed(token);
  expect(await result(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"answer":42}' });
  expect(resources).toEqual(['arn:aws:states:::sqs:sendMessage']);
  const { events } = await states.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events!.map(({ type }) => type).slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
});

test('an answer may come before the asking is over', async () => {
  const executionArn = await begin({
    tasks: async ({ arguments: args, signal }) => {
      await succeed((args as { Token: string }).Token);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  expect(await result(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"answer":42}' });
});

test('a failure is the failure of the task, which its Retry sees; the next try has another token', async () => {
  const { tasks, next } = handingOut();
  const executionArn = await begin({ tasks }, { Retry: [{ ErrorEquals: ['Orders.Late'], IntervalSeconds: 0 }] });
  const first = await next();
  await states.sfn.send(new SendTaskFailureCommand({ taskToken: first, error: 'Orders.Late', cause: 'not yet' }));
  const second = await next();
  expect(second).not.toBe(first);
  await states.sfn.send(new SendTaskFailureCommand({ taskToken: second, error: 'Orders.Lost', cause: 'gone' }));
  expect(await result(executionArn)).toMatchObject({ status: 'FAILED', error: 'Orders.Lost', cause: 'gone' });
});

test('a service that cannot be asked fails the task', async () => {
  const tasks = async () => {
    throw new TaskError('SQS.QueueDoesNotExistException', 'no such queue');
  };
  const executionArn = await begin({ tasks });
  expect(await result(executionArn)).toMatchObject({ status: 'FAILED', error: 'SQS.QueueDoesNotExistException' });
});

test('an answer that is not JSON is refused, and the task goes on waiting', async () => {
  const { tasks, next } = handingOut();
  const executionArn = await begin({ tasks });
  const token = await next();
  const error = await rejection(succeed(token, 'not json'));
  expect(error).toBeInstanceOf(InvalidOutput);
  expect(error.message).not.toContain('not json');
  await succeed(token, '1');
  expect((await result(executionArn)).output).toBe('1');
});

test('a token that nobody was given is invalid; that of a task which is over has timed out', async () => {
  const { tasks, next } = handingOut();
  const executionArn = await begin({ tasks });
  const token = await next();
  expect(await rejection(succeed('made up'))).toBeInstanceOf(InvalidToken);
  await states.sfn.send(new StopExecutionCommand({ executionArn }));
  await result(executionArn);
  const late = [
    states.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '1' })),
    states.sfn.send(new SendTaskFailureCommand({ taskToken: token })),
    states.sfn.send(new SendTaskHeartbeatCommand({ taskToken: token })),
  ];
  for (const answer of late) {
    const error = await rejection(answer);
    expect(error).toBeInstanceOf(TaskTimedOut);
    expect(error.message).toBe("Task Timed Out: 'Provided task does not exist anymore'");
  }
});

test('heartbeats keep a task alive, silence ends it', async () => {
  const { tasks, next } = handingOut();
  const executionArn = await begin({ tasks }, { HeartbeatSeconds: 1 });
  const taskToken = await next();
  const started = Date.now();
  while (Date.now() - started < 1500) {
    await states.sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await result(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  expect(Date.now() - started).toBeGreaterThan(2400);
});

test('a virtual clock goes on while a task waits', async () => {
  const { tasks } = handingOut();
  const executionArn = await begin({ tasks, clock: new VirtualClock() }, { TimeoutSeconds: 3600 });
  const { status, error, startDate, stopDate } = await result(executionArn);
  expect([status, error, stopDate!.getTime() - startDate!.getTime()]).toEqual(['FAILED', 'States.Timeout', 3_600_000]);
});
