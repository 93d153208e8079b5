import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionDoesNotExist,
  ExecutionNotRedrivable,
  GetExecutionHistoryCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { TaskError } from '../../../lib/engine';
import { rejection } from '../aws/support';
import { definition, pass, ROLE, startTestStates, type TestStates, task, wait } from './support';

let states: TestStates;
let broken = true;
const calls: string[] = [];
beforeAll(async () => {
  states = await startTestStates({
    tasks: async ({ state, context }) => {
      calls.push(state);
      if (state === 'Load' && broken) throw new TaskError('Load.Broken');
      return (context.Execution as { RedriveCount: number }).RedriveCount;
    },
  });
});
afterAll(() => states.close());
beforeEach(() => {
  broken = true;
  calls.length = 0;
});

const redrive = (executionArn: string, clientToken?: string) => states.sfn.send(new RedriveExecutionCommand({ executionArn, clientToken }));

async function started(name: string, text: string): Promise<string> {
  const { stateMachineArn } = await states.sfn.send(new CreateStateMachineCommand({ name, definition: text, roleArn: ROLE }));
  const { executionArn } = await states.sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"n":1}' }));
  return executionArn!;
}

async function ended(executionArn: string) {
  await states.idle();
  return states.sfn.send(new DescribeExecutionCommand({ executionArn }));
}

async function typesOf(executionArn: string) {
  const { events } = await states.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  return events!.map(({ type }) => type);
}

const loading = definition({
  Extract: task({ Assign: { rows: 7 }, Next: 'Load', End: undefined }),
  Load: task({ Output: '{% {"rows": $rows, "count": $states.result, "input": $states.input} %}', Next: 'Done', End: undefined }),
  Done: { Type: 'Succeed' },
});

test('an execution that failed goes on in the state that failed, with its input and variables, and its history with it', async () => {
  const arn = await started('goes-on', loading);
  const failed = await ended(arn);
  expect(failed).toMatchObject({ status: 'FAILED', redriveStatus: 'REDRIVABLE', redriveCount: 0 });
  const before = await typesOf(arn);
  broken = false;
  const { redriveDate } = await redrive(arn);
  const execution = await ended(arn);
  expect(execution).toMatchObject({
    status: 'SUCCEEDED',
    redriveCount: 1,
    redriveDate,
    redriveStatus: 'NOT_REDRIVABLE',
    startDate: failed.startDate,
  });
  expect(execution.error).toBeUndefined();
  expect(JSON.parse(execution.output!)).toEqual({ rows: 7, count: 1, input: 0 });
  expect(calls).toEqual(['Extract', 'Load', 'Load']);
  expect((await typesOf(arn)).slice(before.length)).toEqual([
    'ExecutionRedriven',
    ...['TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited'],
    ...['SucceedStateEntered', 'SucceedStateExited', 'ExecutionSucceeded'],
  ]);
});

test('may fail again, and be redriven again; the same token redrives once', async () => {
  const arn = await started('again', loading);
  await ended(arn);
  const first = await redrive(arn, 'token-1');
  expect(await ended(arn)).toMatchObject({ status: 'FAILED', redriveCount: 1 });
  expect(await redrive(arn, 'token-1')).toMatchObject({ redriveDate: first.redriveDate });
  expect(calls).toEqual(['Extract', 'Load', 'Load']);
  await redrive(arn, 'token-2');
  expect(await ended(arn)).toMatchObject({ status: 'FAILED', redriveCount: 2 });
});

test('one that was stopped in a Wait waits again', async () => {
  const arn = await started('stopped', definition({ Idle: { ...wait(), Seconds: '{% $states.context.Execution.RedriveCount = 0 ? 3600 : 0 %}' } }));
  await states.sfn.send(new StopExecutionCommand({ executionArn: arn }));
  await redrive(arn);
  expect(await ended(arn)).toMatchObject({ status: 'SUCCEEDED', output: '{"n":1}' });
});

test('runs the definition that it was started with, whatever the state machine is now', async () => {
  const arn = await started('changed', loading);
  await ended(arn);
  const stateMachineArn = arn.replace(':execution:', ':stateMachine:').replace(/:[^:]*$/, '');
  await states.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: definition({ A: pass() }) }));
  expect(await states.sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn: arn }))).toMatchObject({
    stateMachineArn,
    definition: loading,
    roleArn: ROLE,
  });
  broken = false;
  await redrive(arn);
  expect((await ended(arn)).output).toContain('"rows":7');
});

test('one that succeeded or runs is not redriven, nor one that is not there', async () => {
  const done = await started('done', definition({ A: pass() }));
  expect(await ended(done)).toMatchObject({ redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' });
  expect(await rejection(redrive(done))).toBeInstanceOf(ExecutionNotRedrivable);
  const running = await started('running', definition({ Idle: wait() }));
  expect(await rejection(redrive(running))).toMatchObject({
    name: 'ExecutionNotRedrivable',
    message: expect.stringContaining('Execution is RUNNING'),
  });
  await states.sfn.send(new StopExecutionCommand({ executionArn: running }));
  expect(await rejection(redrive(`${running}x`))).toBeInstanceOf(ExecutionDoesNotExist);
  expect(await rejection(states.sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn: `${running}x` })))).toBeInstanceOf(
    ExecutionDoesNotExist,
  );
});

test('one that failed inside a Parallel or Map would start only what failed there again, which is refused', async () => {
  const branch = { StartAt: 'Load', States: { Load: task() } };
  const arn = await started('inside', definition({ Both: { Type: 'Parallel', Branches: [branch], End: true } }));
  await ended(arn);
  expect(await rejection(redrive(arn))).toMatchObject({
    message: expect.stringMatching(/RedriveExecution inside a Parallel, .* 'Both'; start a new one/),
  });
  expect(await ended(arn)).toMatchObject({ status: 'FAILED', redriveCount: 0 });
});
