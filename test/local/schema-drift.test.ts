import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Incremental, LoadMode, SchemaPolicy } from '../../lib';
import { VirtualClock } from '../../lib/engine';
import type { Deployment } from '../../lib/local/deployment';
import { objectFile, paths } from '../../lib/local/paths';
import { type LocalRun, runLocal } from '../../lib/local/run';
import { openWarehouse } from '../../lib/local/warehouse';
import { Bench, fiveSteps, loadedRows, synthesize } from './support';

jest.setTimeout(300_000);

const TABLE = `
  DROP TABLE IF EXISTS items;
  CREATE TABLE items (id integer NOT NULL, value varchar(20), amount numeric(10,2), updated_at timestamp NOT NULL);
  INSERT INTO items SELECT n, 'item ' || n, n + 0.25, now() AT TIME ZONE 'UTC' - interval '1 hour' FROM generate_series(1, 3) n`;
const REORDERED = `
  CREATE TABLE other (updated_at timestamp NOT NULL, amount numeric(10,2), value varchar(20), id integer NOT NULL);
  INSERT INTO other SELECT updated_at, amount, value, id FROM items;
  DROP TABLE items; ALTER TABLE other RENAME TO items`;

/** What happens between two runs, and how the message names it. */
const CHANGES: Readonly<Record<string, readonly [sql: string, told: string]>> = {
  added: ['ALTER TABLE items ADD COLUMN note varchar(5)', "column 'note' varchar(20) was added"],
  dropped: ['ALTER TABLE items DROP COLUMN value', "column 'value' varchar(80) is not there any more"],
  renamed: ['ALTER TABLE items RENAME COLUMN value TO label', "column 'value' varchar(80) is not there any more (renamed to 'label'?)"],
  widened: ['ALTER TABLE items ALTER COLUMN value TYPE varchar(30)', "column 'value' was widened from varchar(80) to varchar(120)"],
  narrowed: ['ALTER TABLE items ALTER COLUMN value TYPE varchar(10)', "column 'value' was narrowed from varchar(80) to varchar(40)"],
  retyped: ['ALTER TABLE items ALTER COLUMN amount TYPE text', "column 'amount' changed its type from decimal(10,2) to varchar(65535)"],
  reordered: [REORDERED, ''],
};

let bench: Bench;
const deployments: Record<string, Deployment> = {};

beforeAll(async () => {
  bench = await Bench.open('');
  for (const policy of Object.values(SchemaPolicy)) {
    deployments[policy] = synthesize(join(bench.newFolder(), 'cdk.out'), (account) =>
      fiveSteps(account, {
        extract: { table: 'items', incremental: Incremental.by('updated_at', { lag: Duration.seconds(0) }), schema: policy },
        parquet: false,
        mode: LoadMode.upsert('id'),
      }),
    );
  }
});
afterAll(() => bench.close());

const run = (out: string, policy: string, input: unknown = {}) =>
  runLocal({ deployment: deployments[policy]!, source: bench.db, clock: new VirtualClock(Date.now()), out, input });

/** What a user does at the target. */
async function atTarget(out: string, sql: string): Promise<void> {
  const warehouse = await openWarehouse({ file: paths(out).warehouse, resolveS3: (url) => objectFile(out, url) });
  await warehouse.query(sql);
  await warehouse.close();
}

/** Objects that a run wrote. */
const objectsOf = (out: string, { runId }: LocalRun) =>
  readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes(runId) && /part-|manifest/.test(path));

const plain = (rows: readonly Record<string, unknown>[] | undefined) =>
  rows?.map((row) =>
    Object.fromEntries(
      Object.entries(row)
        .map(([name, value]) => [name, value === null ? null : String(value).replace(/\.?0*$/, '')])
        .sort(([a], [b]) => (a! < b! ? -1 : 1)),
    ),
  );

async function expectEqual(out: string): Promise<void> {
  const columns = (await bench.sql(`SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'items'`)).map(({ name }) => name);
  const source = await bench.sql(`SELECT ${columns.map((name) => `${name}::text AS ${name}`).join(', ')} FROM items ORDER BY id`);
  expect(plain(await loadedRows(out, 'analytics.loaded', 'id'))).toEqual(plain(source));
}

describe.each(Object.values(SchemaPolicy))('with the policy %s', (policy) => {
  test.each(Object.entries(CHANGES))('a column %s', async (change, [sql, told]) => {
    const out = bench.newFolder();
    await bench.sql(TABLE);
    expect(await run(out, policy)).toMatchObject({ status: 'SUCCEEDED', counts: { loaded: 3 } });
    await bench.sql(`${sql}; INSERT INTO items (id, updated_at) VALUES (4, now() AT TIME ZONE 'UTC')`);

    const taken = change === 'reordered' || (policy === SchemaPolicy.EVOLVE && ['added', 'widened'].includes(change));
    const second = await run(out, policy);
    if (taken && change !== 'added') {
      expect(second).toMatchObject({ status: 'SUCCEEDED', counts: { loaded: 1 } });
      return expectEqual(out);
    }
    if (taken) {
      // the load does not alter its table: it changes nothing, and the run goes on once the user added the column
      expect(second).toMatchObject({ status: 'FAILED', error: 'Redshift.StatementFailed' });
      expect(await loadedRows(out)).toHaveLength(3);
      await atTarget(out, 'ALTER TABLE analytics.loaded ADD COLUMN note varchar(20)');
      expect(await run(out, policy, { resume: second.runId })).toMatchObject({ status: 'SUCCEEDED', counts: { loaded: 1 } });
      await expectEqual(out);
      return expect(await run(out, policy)).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 0 } });
    }
    expect(second).toMatchObject({ status: 'FAILED', error: 'SchemaChanged', counts: {} });
    expect(second.cause!.replaceAll('\\"', '"')).toContain(told);
    expect(second.states.find(({ name }) => name === 'Extract: Run')).toMatchObject({ attempts: 1 });
    expect(objectsOf(out, second)).toEqual([]);
    expect(await loadedRows(out)).toHaveLength(3);
    if (policy === SchemaPolicy.EVOLVE && change !== 'renamed') return;

    // the simplest remedy for every change: the target fits, one run accepts, and the rows from before come again
    await atTarget(out, 'DROP TABLE analytics.loaded');
    expect(await run(out, policy, { acceptSchema: true })).toMatchObject({ status: 'SUCCEEDED', counts: { loaded: 1 } });
    const high = new Date(Date.now() + 60_000).toISOString();
    expect(await run(out, policy, { window: { low: null, high } })).toMatchObject({ status: 'SUCCEEDED', counts: { loaded: 4 } });
    await expectEqual(out);
    expect(await run(out, policy)).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 0 } });
  });
});
