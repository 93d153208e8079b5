import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Client } from 'pg';
import { OwnTableStack } from '../../examples/own-table/stack';
import { VirtualClock } from '../../lib/engine';
import { startSource } from '../../lib/local/demo/source';
import { readDeployment } from '../../lib/local/deployment';
import { objectFile, paths } from '../../lib/local/paths';
import { clientConfig, type LocalPostgres } from '../../lib/local/postgres';
import { runLocal } from '../../lib/local/run';
import { openWarehouse } from '../../lib/local/warehouse';

jest.setTimeout(180_000);

/** A real database that people know, as its own script makes it; too large to keep here. */
const SCRIPT = join(__dirname, '..', '..', '..', 'shared', 'data', 'chinook', 'Chinook_PostgreSql.sql');

const warnings: string[] = [];
let folder: string;
let source: LocalPostgres;
let client: Client;
beforeAll(async () => {
  if (!existsSync(SCRIPT)) throw new Error("this test reads '../shared/data/chinook/Chinook_PostgreSql.sql' beside the project; put it there");
  folder = mkdtempSync(join(tmpdir(), 'chinook-'));
  source = await startSource(folder, { script: SCRIPT }, (warning) => warnings.push(warning));
  client = new Client(clientConfig(source));
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await source?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['track', ['track_id'], { track_id: 'integer', name: 'varchar(800)', composer: 'varchar(880)', unit_price: 'decimal(10,2)' }],
  ['invoice', ['invoice_id'], { invoice_date: 'timestamp', billing_address: 'varchar(280)', total: 'decimal(10,2)' }],
  ['invoice_line', ['invoice_line_id'], { quantity: 'integer', unit_price: 'decimal(10,2)' }],
  ['customer', ['customer_id'], { first_name: 'varchar(160)', company: 'varchar(320)', support_rep_id: 'integer' }],
  ['playlist_track', ['playlist_id', 'track_id'], { playlist_id: 'integer', track_id: 'integer' }],
])('every row of %s is in the warehouse as it is in the source, with its type', async (table, key, types) => {
  const out = join(folder, table);
  const app = new App({ outdir: join(out, 'cdk.out') });
  new OwnTableStack(app, 'OwnTable', { table, key });
  app.synth();
  const deployment = readDeployment(join(out, 'cdk.out'));
  const run = await runLocal({ deployment, out, source, clock: new VirtualClock(Date.now()) });
  expect(run.status).toBe('SUCCEEDED');

  const warehouse = await openWarehouse({ file: paths(out).warehouse, resolveS3: (url) => objectFile(out, url) });
  try {
    const columns = (await warehouse.describeTable('analytics', table))!;
    expect(Object.fromEntries(columns.map(({ name, type }) => [name, type]))).toMatchObject(types);
    const texts = columns.map(({ name }) => `${name}::text`).join(', ');
    const { rows: expected } = await client.query(`SELECT ${texts} FROM ${table} ORDER BY ${key.map((column) => `${table}.${column}`).join(', ')}`);
    const loaded = await warehouse.query(`SELECT * FROM analytics.${table} ORDER BY ${key.join(', ')}`);
    const asTexts = loaded.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)])),
    );
    expect(asTexts).toEqual(expected);
    expect(run.counts).toMatchObject({ extracted: expected.length, cleaned: expected.length, rejected: 0, loaded: expected.length });
  } finally {
    await warehouse.close();
  }
});

test('the script loads whole: every table, every row, its accents; what belongs to the server is left out', async () => {
  expect(warnings).toEqual([
    "line 19: 'DROP DATABASE IF EXISTS chinook' was left out; everything goes into the one local database",
    "line 25: 'CREATE DATABASE chinook' was left out; everything goes into the one local database",
  ]);
  const rows = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows;
  const counts = { album: 347, artist: 275, customer: 59, employee: 8, genre: 25, invoice: 412, invoice_line: 2240, media_type: 5 };
  for (const [table, count] of Object.entries({ ...counts, playlist: 18, playlist_track: 8715, track: 3503 })) {
    expect([table, await rows(`SELECT count(*)::int FROM ${table}`)]).toEqual([table, [[count]]]);
  }
  expect(await rows('SELECT first_name, last_name FROM customer WHERE customer_id = 1')).toEqual([['Luís', 'Gonçalves']]);
  expect(await rows(`SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`)).toEqual([[11]]);
});
