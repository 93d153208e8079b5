import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEvent } from '../../../lib/engine';
import type { DeployedMachine } from '../../../lib/local/deployment';
import { StatesClient } from '../../../lib/local/states/client';
import { ARN, definition, pass, startTestStates, type TestStates, task, wait } from './support';

let states: TestStates;
let client: StatesClient;
afterEach(async () => {
  client.close();
  await states.close();
});

async function open(options: Parameters<typeof startTestStates>[0] = {}): Promise<void> {
  states = await startTestStates(options);
  client = await StatesClient.local(states.url, 'us-east-1');
}

const machine = (text: string): DeployedMachine => ({
  stack: 'Orders',
  logicalId: 'Machine',
  name: 'orders',
  arn: ARN,
  region: 'us-east-1',
  account: '000000000000',
  definition: JSON.parse(text),
});

async function run(text: string): Promise<{ events: HistoryEvent[]; arn: string }> {
  await client.deploy(machine(text));
  const arn = await client.start(ARN, `run-${Math.random().toString(36).slice(2)}`, { n: 1 });
  const events: HistoryEvent[] = [];
  await client.follow(arn, (event) => events.push(event));
  return { events, arn };
}

test('follows a run to its end, every event once and in order, however many there are', async () => {
  await open();
  const Items = Array.from({ length: 200 }, (_, index) => index);
  const ItemProcessor = { StartAt: 'One', States: { One: pass() } };
  const { events, arn } = await run(definition({ Each: { Type: 'Map', Items, ItemProcessor, End: true } }));
  expect(events.length).toBe(2 + 4 + 200 * 4);
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  expect(events[0]).toEqual({
    id: 1,
    previousEventId: 0,
    type: 'ExecutionStarted',
    timestamp: expect.any(Number),
    executionStartedEventDetails: { input: '{"n":1}', inputDetails: { truncated: false }, roleArn: 'arn:aws:iam::000000000000:role/orders' },
  });
  expect(await client.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: Items });
});

test('hands over what has happened while a run goes on', async () => {
  await open();
  await client.deploy(machine(definition({ Wait: wait() })));
  const arn = await client.start(ARN, 'run', {});
  const seen: string[] = [];
  await client.follow(arn, ({ type }) => {
    seen.push(type);
    if (type === 'WaitStateEntered') void client.stop(arn);
  });
  expect(seen).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionAborted']);
});

test('comes to an end when the history has none, because it could not be written', async () => {
  await open({ tasks: async () => rmSync(join(states.root, 'states', 'executions'), { recursive: true, force: true }) });
  const { events, arn } = await run(definition({ Lose: task() }));
  expect(events.map(({ type }) => type)).not.toContain('ExecutionSucceeded');
  expect((await client.describe(arn)).status).toBe('FAILED');
});

describe('of AWS', () => {
  const own = { ...process.env };
  afterEach(() => {
    process.env = { ...own };
  });

  test('finds credentials, region and endpoint where every SDK looks for them', async () => {
    await open();
    const { arn } = await run(definition({ Do: pass() }));
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_SFN: states.url });
    const aws = await StatesClient.aws();
    expect(await aws.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: { n: 1 } });
    const events: HistoryEvent[] = [];
    await aws.follow(arn, (event) => events.push(event));
    expect(events.map(({ type }) => type)).toEqual(['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded']);
    aws.close();
  });
});

test('deploys a state machine again, changed or not', async () => {
  await open();
  for (const Output of ['old', 'old', 'new']) {
    const { arn } = await run(definition({ A: pass({ Output }) }));
    expect((await client.describe(arn)).output).toBe(Output);
  }
});

test('a definition that cannot run is refused with its reasons', async () => {
  await open();
  await expect(client.deploy(machine(definition({ A: pass({ InputPath: '$' }) })))).rejects.toThrow(
    "state 'A': field 'InputPath' is not implemented",
  );
});
