import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Client } from 'pg';
import { OrdersToRedshiftStack } from '../../examples/orders-to-redshift/stack';
import { RealClock, type TaskHandler, type TaskRequest, VirtualClock } from '../../lib/engine';
import { startAws } from '../../lib/local/aws';
import { startSource } from '../../lib/local/demo/source';
import { type Deployment, readDeployment } from '../../lib/local/deployment';
import { openEnvironment } from '../../lib/local/environment';
import { parseFault } from '../../lib/local/faults';
import { objectFile, paths } from '../../lib/local/paths';
import { clientConfig, type LocalPostgres } from '../../lib/local/postgres';
import { type LocalRun, type LocalRunOptions, runLocal } from '../../lib/local/run';
import { StatesClient } from '../../lib/local/states/client';
import { openWarehouse } from '../../lib/local/warehouse';

jest.setTimeout(240_000);

const ROWS = 200;
const LOADED = 184;
let folder: string;
let deployment: Deployment;
let source: LocalPostgres;
let database: Client;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'run-input-'));
  const app = new App({ outdir: join(folder, 'cdk.out') });
  new OrdersToRedshiftStack(app, 'Orders');
  app.synth();
  deployment = readDeployment(join(folder, 'cdk.out'));
  source = await startSource(join(folder, 'source'), { rows: ROWS }, () => {});
  database = new Client(clientConfig(source));
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await source?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const newOut = () => mkdtempSync(join(folder, 'out-'));
const run = (out: string, options: Partial<LocalRunOptions> = {}) =>
  runLocal({ deployment, out, source, clock: new VirtualClock(Date.now()), ...options });
const failing = (out: string, fault: string) => run(out, { faults: [parseFault(fault)] });
const entered = ({ states }: LocalRun) => states.map(({ name }) => name);

async function loaded(out: string): Promise<unknown[] | undefined> {
  const warehouse = await openWarehouse({ file: paths(out).warehouse, resolveS3: (url) => objectFile(out, url) });
  try {
    if ((await warehouse.describeTable('analytics', 'orders')) === undefined) return undefined;
    return await warehouse.query('SELECT * FROM analytics.orders ORDER BY order_id');
  } finally {
    await warehouse.close();
  }
}

/** The item of the dataset: its attributes as texts. */
async function item(out: string): Promise<Record<string, string>> {
  const aws = await startAws({ root: out });
  const key = { TableName: deployment.tables[0]!.name, Key: { dataset: { S: 'sales.orders' } } };
  try {
    const { Item = {} } = (await aws.dynamodb('GetItem', key)) as { Item?: Record<string, { S: string }> };
    return Object.fromEntries(Object.entries(Item).map(([name, { S }]) => [name, S]));
  } finally {
    await aws.close();
  }
}

/** What the item holds once a run committed, and no lock in it. */
const committed = { dataset: 'sales.orders', source_columns: expect.stringContaining('order_id') };

const objectsIn = (out: string) => readdirSync(join(out, 's3'), { recursive: true }).map(String).sort();

test('a usual run passes one Choice more, and gives the lock back', async () => {
  const out = newOut();
  const first = await run(out);
  expect(first).toMatchObject({ status: 'SUCCEEDED', counts: { loaded: LOADED } });
  expect(first.transitions).toBe(18);
  expect(entered(first).slice(0, 3)).toEqual(['Run: Start', 'Extract: Lock', 'Extract: Run']);
  expect(await item(out)).toEqual({ ...committed, watermark: first.dataset!.window!.high, run_id: first.runId });
});

test('a window that is replayed loads it again, and moves no watermark; a newer row stays', async () => {
  const out = newOut();
  const first = await run(out);
  const before = await loaded(out);
  const { watermark } = await item(out);
  const { high } = first.dataset!.window!;
  const replay = await run(out, { input: { window: { low: null, high } } });
  expect(replay).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: ROWS, loaded: LOADED } });
  expect(replay.dataset!.window).toEqual({ column: 'updated_at', low: null, high, replay: true });
  expect(await loaded(out)).toEqual(before);
  expect(await item(out)).toEqual({ ...committed, watermark, run_id: first.runId, last_replay: replay.runId });
});

test('an old run that is replayed after a newer one leaves the table as it is', async () => {
  const out = newOut();
  const first = await run(out);
  const { rows } = await database.query(
    "SELECT order_id, updated_at FROM sales.orders WHERE status = 'new' AND order_id ~ '^\\d+$' ORDER BY 1 LIMIT 1",
  );
  await database.query("UPDATE sales.orders SET status = 'paid', updated_at = now() - interval '6 minutes' WHERE order_id = $1", [rows[0].order_id]);
  try {
    const newer = await run(out, { input: { window: { low: null, high: new Date().toISOString() } } });
    expect(newer.status).toBe('SUCCEEDED');
    const after = await loaded(out);
    const old = await run(out, { input: { startAt: 'Load', dataset: first.dataset } });
    expect(old).toMatchObject({ status: 'SUCCEEDED', counts: { loaded: LOADED } });
    expect(entered(old)).not.toContain('Extract: Run');
    expect(await loaded(out)).toEqual(after);
  } finally {
    await database.query("UPDATE sales.orders SET status = 'new', updated_at = $2 WHERE order_id = $1", [rows[0].order_id, rows[0].updated_at]);
  }
});

test.each(['Clean', 'Parquet', 'Load', 'Notify'])('a run that failed at %s is resumed there: nothing is extracted again', async (step) => {
  const out = newOut();
  const failed = await failing(out, `${step}:3`);
  expect(failed).toMatchObject({ status: 'FAILED', error: 'Injected.Fault' });
  expect(failed.alerts).toHaveLength(1);
  expect(failed.alerts[0]!.message).toContain(`--input '{"resume": "${failed.runId}"}'`);

  const resumed = await run(out, { input: { resume: failed.runId } });
  expect(resumed).toMatchObject({ status: 'SUCCEEDED', alerts: [], counts: { extracted: ROWS, loaded: LOADED } });
  expect(entered(resumed)).not.toContain('Extract: Run');
  expect(await loaded(out)).toHaveLength(LOADED);
  const { watermark, run_id } = await item(out);
  expect([watermark, run_id]).toEqual([failed.dataset!.window!.high, step === 'Notify' ? failed.runId : resumed.runId]);
  expect((await run(out)).counts.extracted).toBe(0);
});

test('a run that failed before it had a dataset, or that left no checkpoint, is not resumed, and says what to type', async () => {
  const out = newOut();
  const failed = await failing(out, 'Extract:3');
  expect(failed.alerts[0]!.message).not.toContain('resume');
  const early = await run(out, { input: { resume: failed.runId } });
  expect(early).toMatchObject({ status: 'FAILED', error: 'InvalidRunInput' });
  expect(early.cause).toContain('start it again with its own input: {}');
  expect(early.alerts).toHaveLength(1);
  const unknown = await run(out, { input: { resume: 'never' } });
  expect(unknown).toMatchObject({ status: 'FAILED', error: 'InvalidRunInput' });
  expect(unknown.cause).toContain('start the pipeline with {}');
});

test('a dry run says what it would extract, and writes nothing', async () => {
  const out = newOut();
  await failing(out, 'Extract:3');
  const [objects, before] = [objectsIn(out), await item(out)];
  const dry = await run(out, { input: { dryRun: true } });
  expect(dry).toMatchObject({ status: 'SUCCEEDED', alerts: [], notifications: [] });
  expect(dry.output).toMatchObject({
    dryRun: true,
    dataset: 'sales.orders',
    rows: ROWS,
    watermark: null,
    window: { column: 'updated_at', low: null },
    steps: ['Extract', 'Clean', 'Parquet', 'Load', 'Notify'],
  });
  expect([objectsIn(out), await item(out), await loaded(out)]).toEqual([objects, before, undefined]);
});

/** Starts runs beside each other; the tasks of each may be held up. */
async function beside(out: string, names: readonly string[], before: (request: TaskRequest) => Promise<unknown> | undefined) {
  const around =
    (tasks: TaskHandler): TaskHandler =>
    async (request) => {
      await before(request);
      return tasks(request);
    };
  const environment = await openEnvironment({ deployment, out, clock: new RealClock(), source, around });
  const client = await StatesClient.local(environment.url, environment.region);
  try {
    const machine = deployment.machines[0]!;
    await client.deploy(machine);
    const arns: string[] = [];
    for (const name of names) arns.push(await client.start(machine.arn, name, {}));
    await environment.states.idle();
    return await Promise.all(arns.map((arn) => client.describe(arn)));
  } finally {
    client.close();
    await environment.close();
  }
}

/** Resolves for each that waits once so many do. */
function barrier(count: number): () => Promise<void> {
  let open = () => {};
  let waiting = 0;
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    if (++waiting === count) open();
    return all;
  };
}

test('a run that finds another one on its way ends early, and tells nobody; the other goes on', async () => {
  const out = newOut();
  const together = barrier(2);
  const meets = ({ state, context }: TaskRequest) => {
    const { Name } = context.Execution as { Name: string };
    return (Name === 'one' && state === 'Extract: Run') || (Name === 'two' && state === 'Extract: Lock') ? together() : undefined;
  };
  const [one, two] = await beside(out, ['one', 'two'], meets);
  expect(one).toMatchObject({ status: 'SUCCEEDED', output: { counts: { loaded: LOADED } } });
  expect(two).toMatchObject({ status: 'SUCCEEDED', output: { skipped: 'overlap', running: expect.stringMatching(/:one$/) } });
  expect(readFileSync(paths(out).messages, 'utf8').trim().split('\n')).toHaveLength(1);
});

test('of two runs that take over from one that died, one goes on', async () => {
  const out = newOut();
  await failing(out, 'Clean:3');
  const together = barrier(2);
  const ended = await beside(out, ['one', 'two'], ({ state }) => (state === 'Extract: Take over' ? together() : undefined));
  expect(ended.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  expect(ended.filter(({ output }) => (output as { skipped?: string }).skipped === 'overlap')).toHaveLength(1);
  expect(await item(out)).not.toHaveProperty('holder');
});

test('the lock of a run that died is taken over', async () => {
  const out = newOut();
  const failed = await failing(out, 'Clean:3');
  expect((await item(out)).holder).toContain(failed.runId);
  const next = await run(out);
  expect(next).toMatchObject({ status: 'SUCCEEDED', counts: { loaded: LOADED } });
  expect(entered(next).slice(1, 6)).toEqual([
    'Extract: Lock',
    'Extract: Read holder',
    'Extract: Describe holder',
    'Extract: Overlap?',
    'Extract: Take over',
  ]);
  expect(await item(out)).not.toHaveProperty('holder');
});
