import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { CustomStepStack } from '../../examples/custom-step/stack';
import { MinimalStack } from '../../examples/minimal/stack';
import { OwnTableStack } from '../../examples/own-table/stack';
import { VirtualClock } from '../../lib/engine';
import { startSource } from '../../lib/local/demo/source';
import { readDeployment } from '../../lib/local/deployment';
import { objectFile, paths } from '../../lib/local/paths';
import type { LocalPostgres } from '../../lib/local/postgres';
import { runLocal } from '../../lib/local/run';
import { openWarehouse } from '../../lib/local/warehouse';

// test/local/run.test.ts runs orders-to-redshift, with faults.
jest.setTimeout(180_000);

const CUSTOMERS = `
CREATE SCHEMA sales;
CREATE TABLE sales.customers (customer_id integer NOT NULL PRIMARY KEY, name text, phone text);
INSERT INTO sales.customers VALUES (1, ' Ada ', '1'), (2, NULL, '2'), (3, '', NULL), (4, 'Bob', '4');
`;

let folder: string;
let source: LocalPostgres;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'examples-'));
  const script = join(folder, 'customers.sql');
  writeFileSync(script, CUSTOMERS);
  source = await startSource(folder, { script }, () => {});
});
afterAll(async () => {
  await source?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function run(name: string, make: (app: App) => Stack) {
  const out = join(folder, name);
  const app = new App({ outdir: join(out, 'cdk.out') });
  make(app);
  app.synth();
  const result = await runLocal({ deployment: readDeployment(join(out, 'cdk.out')), out, source, clock: new VirtualClock(Date.now()) });
  const warehouse = await openWarehouse({ file: paths(out).warehouse, resolveS3: (url) => objectFile(out, url) });
  try {
    const rows = await warehouse.query('SELECT * FROM analytics.customers ORDER BY customer_id');
    return { result, rows };
  } finally {
    await warehouse.close();
  }
}

const ALL = { extracted: 4, cleaned: 4, rejected: 0, deduplicated: 0, loaded: 4 };

test('minimal copies a table whole, without Glue, and keeps NULL apart from the empty text', async () => {
  const { result, rows } = await run('minimal', (app) => new MinimalStack(app, 'Minimal'));
  expect(result).toMatchObject({ status: 'SUCCEEDED', counts: ALL, alerts: [] });
  expect(result.notifications).toHaveLength(1);
  expect(rows).toEqual([
    { customer_id: 1, name: 'Ada', phone: '1' },
    { customer_id: 2, name: null, phone: '2' },
    { customer_id: 3, name: '', phone: null },
    { customer_id: 4, name: 'Bob', phone: '4' },
  ]);
});

test('custom-step goes through a native Choice and a step of its own, and leaves a column out', async () => {
  const { result, rows } = await run('custom-step', (app) => new CustomStepStack(app, 'CustomStep'));
  expect(result).toMatchObject({ status: 'SUCCEEDED', counts: ALL });
  expect(result.states.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Enough rows?', 'Load: Transaction', 'Record: Put', 'Notify: Publish']),
  );
  expect(rows[0]).toEqual({ customer_id: 1, name: 'Ada' });
});

test('own-table upserts by key, with Parquet on the way', async () => {
  const { result, rows } = await run('own-table', (app) => new OwnTableStack(app, 'OwnTable', { table: 'sales.customers', key: ['customer_id'] }));
  expect(result).toMatchObject({ status: 'SUCCEEDED', counts: { ...ALL, converted: 4 } });
  expect(rows).toHaveLength(4);
  expect(rows[0]).toEqual({ customer_id: 1, name: ' Ada ', phone: '1' });
});
