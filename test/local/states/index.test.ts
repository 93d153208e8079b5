import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type Execution, execute, TaskError, VirtualClock } from '../../../lib/engine';
import { engineS3 } from '../../../lib/local/aws/s3/engine-s3';
import { S3Folder } from '../../../lib/local/aws/s3/folder';
import type { ExecutionRecord, LocalStatesOptions, MachineRecord } from '../../../lib/local/states';
import { rejection } from '../aws/support';
import { ARN, definition, pass, ROLE, startTestStates, type TestStates, task, wait } from './support';

let root: string;
const started: TestStates[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'states-'));
});
afterEach(async () => {
  for (const states of started.splice(0)) await states.close();
  rmSync(root, { recursive: true, force: true });
});

async function open(options: Partial<LocalStatesOptions> = {}): Promise<TestStates> {
  const states = await startTestStates({ root, ...options });
  started.push(states);
  return states;
}

async function start({ sfn }: TestStates, text: string, name: string, input = '{}'): Promise<string> {
  await sfn.send(new CreateStateMachineCommand({ name: 'orders', definition: text, roleArn: ROLE }));
  return (await sfn.send(new StartExecutionCommand({ stateMachineArn: ARN, name, input }))).executionArn!;
}

const describe_ = ({ sfn }: TestStates, executionArn: string) => sfn.send(new DescribeExecutionCommand({ executionArn }));
const history = async ({ sfn }: TestStates, executionArn: string) => (await sfn.send(new GetExecutionHistoryCommand({ executionArn }))).events!;

test('an execution comes out as the engine alone would have it: status, history and times', async () => {
  const text = definition({
    Fan: {
      Type: 'Map',
      Items: [1, 2],
      Next: 'Load',
      ItemProcessor: { StartAt: 'One', States: { One: pass({ Assign: { n: '{% $states.input %}' } }) } },
    },
    Load: task({
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 20, JitterStrategy: 'FULL' }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Bad' }],
    }),
    Bad: { Type: 'Fail', Error: '{% $nothing %}' },
  });
  const options = () => {
    const tasks = async () => {
      throw new TaskError('Orders.Locked', 'try later');
    };
    return { clock: new VirtualClock(1000), random: () => 0.5, tasks };
  };
  const states = await open(options());
  const executionArn = await start(states, text, 'run-1', '{"n":1}');
  await states.idle();
  const alone: Execution = await execute(JSON.parse(text), {
    ...options(),
    name: 'run-1',
    stateMachineName: 'orders',
    input: { n: 1 },
    region: 'us-east-1',
    account: '000000000000',
  });
  const { status, error, cause, startDate, stopDate } = await describe_(states, executionArn);
  expect([status, error, cause, startDate!.getTime(), stopDate!.getTime()]).toEqual([
    alone.status,
    alone.error,
    alone.cause,
    alone.startDate,
    alone.stopDate,
  ]);
  const events = (await history(states, executionArn)).map((event) => ({ ...event, timestamp: event.timestamp!.getTime() }));
  expect(events).toEqual(alone.history);
});

test('a later process knows what an earlier one ran', async () => {
  const first = await open();
  const executionArn = await start(first, definition({ A: pass() }), 'kept');
  await start(first, definition({ A: pass() }), 'later');
  await first.idle();
  const [execution, events] = [await describe_(first, executionArn), await history(first, executionArn)];
  await started.pop()!.close();

  const second = await open();
  const { $metadata: _then, ...before } = execution;
  const { $metadata: _now, ...after } = await describe_(second, executionArn);
  expect(after).toEqual(before);
  expect(await history(second, executionArn)).toEqual(events);
  const { executions } = await second.sfn.send(new ListExecutionsCommand({ stateMachineArn: ARN }));
  expect(executions!.map(({ name }) => name)).toEqual(['later', 'kept']);
  expect((await second.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: ARN }))).definition).toBe(definition({ A: pass() }));
  expect((await rejection(start(second, definition({ A: pass() }), 'kept'))).name).toBe('ExecutionAlreadyExists');
});

test('closing stops what runs', async () => {
  const first = await open();
  const executionArn = await start(first, definition({ Wait: wait() }), 'cut');
  await started.pop()!.close();
  expect(await describe_(await open(), executionArn)).toMatchObject({ status: 'ABORTED', error: 'Local.EndpointClosed' });
});

test('what ran when the process was killed is told as aborted, with the history as far as it was written', async () => {
  const first = await open();
  const executionArn = await start(first, definition({ Wait: wait() }), 'killed');
  const folder = join(root, 'states', 'executions', 'orders~');
  const running = readFileSync(join(folder, 'killed.json'));
  const events = readFileSync(join(folder, 'killed.jsonl'));
  await started.pop()!.close();
  writeFileSync(join(folder, 'killed.json'), running);
  writeFileSync(join(folder, 'killed.jsonl'), events);
  appendFileSync(join(folder, 'killed.jsonl'), '{"id":3,"half');

  const second = await open();
  expect(await describe_(second, executionArn)).toMatchObject({ status: 'ABORTED', error: 'Local.ProcessEnded', stopDate: expect.any(Date) });
  expect((await history(second, executionArn)).map(({ id, type }) => [id, type])).toEqual([
    [1, 'ExecutionStarted'],
    [2, 'WaitStateEntered'],
    [3, 'ExecutionAborted'],
  ]);
});

test('names that mean something to a file system stay names', async () => {
  const { sfn, idle, ...states } = await open();
  const name = '..';
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name, definition: definition({ A: pass() }), roleArn: ROLE }));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name }));
  await idle();
  expect((await sfn.send(new DescribeExecutionCommand({ executionArn }))).status).toBe('SUCCEEDED');
  expect(readdirSync(join(root, 'states')).sort()).toEqual(['executions', 'machines']);
  await sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
  await idle();
  expect(readdirSync(join(root, 'states', 'executions'))).toEqual([]);
  expect(existsSync(states.root)).toBe(true);
});

test('changes of status are told in order, and idle waits for whoever is told', async () => {
  const told: string[] = [];
  const states = await open({
    onStatusChange: async ({ name }: MachineRecord, { status, output }: ExecutionRecord) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      told.push(`${name} ${status} ${output}`);
    },
  });
  await start(states, definition({ A: pass({ Output: 1 }) }), 'told');
  await states.idle();
  expect(told).toEqual(['orders RUNNING undefined', 'orders SUCCEEDED 1']);
});

test('a state machine on its way out takes no execution and no successor', async () => {
  let release = () => {};
  const states = await open({
    onStatusChange: (_, { status }) => (status === 'ABORTED' ? new Promise<void>((resolve) => (release = resolve)) : undefined),
  });
  const executionArn = await start(states, definition({ Wait: wait() }), 'last');
  await states.sfn.send(new DeleteStateMachineCommand({ stateMachineArn: ARN }));
  expect((await states.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: ARN }))).status).toBe('DELETING');
  expect((await rejection(start(states, definition({ A: pass() }), 'next'))).name).toBe('StateMachineDeleting');
  const next = states.sfn.send(new StartExecutionCommand({ stateMachineArn: ARN }));
  expect((await rejection(next)).name).toBe('StateMachineDeleting');
  release();
  await states.idle();
  expect((await rejection(describe_(states, executionArn))).name).toBe('ExecutionDoesNotExist');
  expect(await start(states, definition({ A: pass() }), 'last')).toBe(executionArn);
});

test('whoever fails to be told stops nothing, but idle says so', async () => {
  const states = await open({
    onStatusChange: () => {
      throw new Error('nobody listens');
    },
  });
  const executionArn = await start(states, definition({ A: pass() }), 'untold');
  await expect(states.idle()).rejects.toThrow('nobody listens');
  expect((await describe_(states, executionArn)).status).toBe('SUCCEEDED');
});

test('what the handlers cannot do is refused with what the engine cannot', async () => {
  const states = await open({ refusals: () => ["state 'A': sqs is not emulated"] });
  const text = definition({ A: task({ InputPath: '$' }) });
  const error = await rejection(states.sfn.send(new CreateStateMachineCommand({ name: 'orders', definition: text, roleArn: ROLE })));
  expect(error.name).toBe('InvalidDefinition');
  expect(error.message).toContain("- state 'A': field 'InputPath' is not implemented");
  expect(error.message).toContain("- state 'A': sqs is not emulated");
});

test('a Distributed Map that reads S3 needs one', async () => {
  const ItemReader = {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: { InputType: 'JSON' },
    Arguments: { Bucket: 'lake', Key: 'items.json' },
  };
  const ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
  const ItemProcessor = { ProcessorConfig, StartAt: 'Do', States: { Do: pass() } };
  const text = definition({ Each: { Type: 'Map', Label: 'each', ItemReader, ItemProcessor, End: true } });
  const without = await open();
  await expect(start(without, text, 'refused')).rejects.toThrow("state 'Each'");
  await started.pop()!.close();

  const folder = new S3Folder(join(root, 's3'));
  folder.createBucket('lake');
  await engineS3(folder).putObject({ Bucket: 'lake', Key: 'items.json' }, Readable.from([Buffer.from('[1,2]')]));
  const states = await open({ s3: engineS3(folder) });
  const executionArn = await start(states, text, 'read');
  await states.idle();
  expect((await describe_(states, executionArn)).output).toBe('[1,2]');
});

test('a history that cannot be written ends the execution, and says why', async () => {
  const states = await open({
    tasks: async () => rmSync(join(root, 'states', 'executions'), { recursive: true, force: true }),
  });
  const executionArn = await start(states, definition({ A: task() }), 'lost');
  await expect(states.idle()).rejects.toThrow('ENOENT');
  expect(await describe_(states, executionArn)).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: expect.stringContaining('ENOENT'),
  });
});
