import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { OrdersToRedshiftStack } from '../../examples/orders-to-redshift/stack';
import { VirtualClock } from '../../lib/engine';
import { rejectsByReason } from '../../lib/local/demo/rejects';
import { startSource } from '../../lib/local/demo/source';
import { type Deployment, readDeployment } from '../../lib/local/deployment';
import { parseFault } from '../../lib/local/faults';
import { objectFile, paths } from '../../lib/local/paths';
import type { LocalPostgres } from '../../lib/local/postgres';
import { type LocalRun, type LocalRunOptions, runLocal } from '../../lib/local/run';
import { openWarehouse } from '../../lib/local/warehouse';

jest.setTimeout(180_000);

const ROWS = 200;
let folder: string;
let deployment: Deployment;
let source: LocalPostgres;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-run-'));
  const app = new App({ outdir: join(folder, 'cdk.out') });
  new OrdersToRedshiftStack(app, 'Orders');
  app.synth();
  deployment = readDeployment(join(folder, 'cdk.out'));
  source = await startSource(join(folder, 'source'), { rows: ROWS }, () => {});
});
afterAll(async () => {
  await source?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const newOut = () => mkdtempSync(join(folder, 'out-'));
const run = (out: string, options: Partial<LocalRunOptions> = {}) =>
  runLocal({ deployment, out, source, clock: new VirtualClock(Date.now()), ...options });
const failing = (out: string, ...faults: string[]) => run(out, { faults: faults.map(parseFault) });
const attempts = ({ states }: LocalRun, state: string) => states.find(({ name }) => name === state)?.attempts;

async function loaded(out: string): Promise<unknown[] | undefined> {
  const warehouse = await openWarehouse({ file: paths(out).warehouse, resolveS3: (url) => objectFile(out, url) });
  try {
    if ((await warehouse.describeTable('analytics', 'orders')) === undefined) return undefined;
    return await warehouse.query('SELECT * FROM analytics.orders ORDER BY order_id');
  } finally {
    await warehouse.close();
  }
}

describe('a run that succeeds', () => {
  let out: string;
  let result: LocalRun;
  beforeAll(async () => {
    out = newOut();
    result = await run(out);
  });

  test('accounts for every row, tells the team once and alerts nobody', () => {
    expect(result).toMatchObject({ status: 'SUCCEEDED', alerts: [], table: '"analytics"."orders"' });
    expect(result.counts).toEqual({ extracted: ROWS, cleaned: 184, rejected: 14, deduplicated: 2, converted: 184, loaded: 184 });
    expect(result.notifications).toHaveLength(1);
    expect(result.notifications[0]!.message).toContain(result.runId);
  });

  test('leaves the table, the history and the rejected rows with their reasons', async () => {
    expect(await loaded(out)).toHaveLength(184);
    const { events } = JSON.parse(readFileSync(paths(out).history, 'utf8')) as { events: { type: string }[] };
    expect(events.at(-1)?.type).toBe('ExecutionSucceeded');
    expect(Object.fromEntries(await rejectsByReason(out, result.dataset!.rejects!))).toEqual({
      'required order_id': 2,
      'required total': 2,
      'cast total': 2,
      'cast ordered_at': 2,
      'allowed status': 2,
      'matches email': 2,
      'range total': 2,
    });
  });

  test('has no value of a row in history, messages or logs', () => {
    const logs = existsSync(paths(out).logs) ? readdirSync(paths(out).logs).map((file) => join(paths(out).logs, file)) : [];
    for (const file of [paths(out).history, paths(out).messages, ...logs]) {
      const text = readFileSync(file, 'utf8');
      for (const value of ['DROP TABLE orders', 'leave at the door', 'example.com', 'SHIPPED?']) expect(text).not.toContain(value);
    }
  });

  test('goes on from its watermark: run again, nothing is extracted and the table stays', async () => {
    const before = await loaded(out);
    const again = await run(out);
    expect(again).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 0, loaded: 0 } });
    expect(again.states.map(({ name }) => name)).not.toContain('Load: Submit');
    expect(await loaded(out)).toEqual(before);
  });
});

test('a step that fails twice succeeds at its third try', async () => {
  const result = await failing(newOut(), 'Load:2');
  expect(result).toMatchObject({ status: 'SUCCEEDED', alerts: [] });
  expect(attempts(result, 'Load: Submit')).toBe(3);
});

test.each([
  ['Extract', 'Extract: Run'],
  ['Clean', 'Clean: Part'],
  ['Parquet', 'Parquet: Convert'],
  ['Load', 'Load: Submit'],
])(
  '%s failing three times fails the run after three tries, alerts once and leaves the table alone; run again, it is as if nothing had been',
  async (step, state) => {
    const out = newOut();
    const result = await failing(out, `${step}:3`);
    expect(result).toMatchObject({ status: 'FAILED', error: 'Injected.Fault', notifications: [] });
    expect(attempts(result, state)).toBe(3);
    expect(result.alerts).toHaveLength(1);
    for (const part of [`FAILED ${step}`, 'Injected.Fault', `injected fault 3 of 3 in ${state}`, result.runId]) {
      expect(JSON.stringify(result.alerts[0])).toContain(part);
    }
    expect(await loaded(out)).toBeUndefined();

    const again = await run(out);
    expect(again).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: ROWS, loaded: 184 } });
    expect(await loaded(out)).toHaveLength(184);
  },
);

test('Notify failing fails the run and alerts once, with the table loaded and the watermark moved', async () => {
  const out = newOut();
  const result = await failing(out, 'Notify:3');
  expect(result).toMatchObject({ status: 'FAILED', notifications: [], counts: { loaded: 184 } });
  expect(result.alerts).toHaveLength(1);
  expect(await loaded(out)).toHaveLength(184);
  expect((await run(out)).counts.extracted).toBe(0);
});

test('when the alert itself cannot be sent, the event rule tells the team, once', async () => {
  const result = await failing(newOut(), 'Extract:3', 'Alert:3');
  expect(result.status).toBe('FAILED');
  expect(result.alerts).toEqual([{ subject: null, message: expect.stringContaining(`"runId":"${result.runId}"`) }]);
});

test('a run that is stopped ends ABORTED, and the event rule tells the team', async () => {
  const stop = new AbortController();
  const result = await run(newOut(), {
    abort: stop.signal,
    onProgress: (states) => states.some(({ name }) => name === 'Clean: Parts') && stop.abort(),
  });
  expect(result).toMatchObject({ status: 'ABORTED', notifications: [] });
  expect(result.alerts.map(({ message }) => JSON.parse(message))).toMatchObject([{ status: 'ABORTED', runId: result.runId }]);
});

describe('before the first state runs', () => {
  const withMachine = (definition: object, rules = deployment.rules): Deployment => ({
    ...deployment,
    rules,
    machines: [{ ...deployment.machines[0]!, definition: definition as Record<string, unknown> }],
  });
  const machine = (Resource: string) => ({ QueryLanguage: 'JSONata', StartAt: 'A', States: { A: { Type: 'Task', Resource, End: true } } });

  test('a service that is not emulated is refused, naming state and resource', async () => {
    const wrong = withMachine(machine('arn:aws:states:::athena:startQueryExecution.sync'));
    await expect(run(newOut(), { deployment: wrong })).rejects.toThrow("state 'A': arn:aws:states:::athena:startQueryExecution.sync is not emulated");
  });

  test('a rule with a target that is no topic is refused', async () => {
    const rules = [{ logicalId: 'Rule', pattern: {}, targets: [{ arn: 'arn:aws:lambda:us-east-1:000000000000:function:f' }] }];
    const wrong = withMachine(machine('arn:aws:states:::sns:publish'), rules);
    await expect(run(newOut(), { deployment: wrong })).rejects.toThrow("rule 'Rule': the target arn:aws:lambda");
  });

  test('a state language feature that the engine does not have is refused', async () => {
    const wrong = withMachine({ StartAt: 'A', States: { A: { Type: 'Pass', InputPath: '$.x', End: true } } });
    await expect(run(newOut(), { deployment: wrong })).rejects.toThrow('cannot run in the local engine');
  });

  test('a fault in a step that does not exist is refused, listing the steps', async () => {
    await expect(failing(newOut(), 'Lod')).rejects.toThrow(
      "no step 'Lod' to fail, the state machine has: Extract, Clean, Parquet, Load, Notify, Alert",
    );
  });

  test('a state machine that does not exist is refused, listing those there are', async () => {
    await expect(run(newOut(), { machine: 'Other' })).rejects.toThrow("expected one state machine named 'Other', the app has: Orders-");
  });
});
