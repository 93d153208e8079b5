import { join } from 'node:path';
import { openWarehouse } from '../../../lib/local/warehouse';
import { TestWarehouse } from '../../support/warehouse';

let on: TestWarehouse;
beforeEach(async () => {
  on = await TestWarehouse.open();
  await on.putParquet(
    's3://lake/part-0.parquet',
    "SELECT range::BIGINT AS id, 'n' || range AS name, (range * 1.25)::DECIMAL(12,2) AS total, TIMESTAMP '2026-01-01 00:00:00' + INTERVAL (range) DAY AS updated_at FROM range(10)",
  );
  on.putManifest('s3://lake/manifest.json', 's3://lake/part-0.parquet');
});
afterEach(() => on.close());

const COLUMNS = '"id" bigint NOT NULL, "name" varchar(16), "total" decimal(12,2), "updated_at" timestamp';
const TARGET = ['CREATE SCHEMA IF NOT EXISTS "analytics"', `CREATE TABLE IF NOT EXISTS "analytics"."orders" (${COLUMNS})`];
const STAGE = [
  `CREATE TEMP TABLE stage (${COLUMNS})`,
  'COPY stage ("id", "name", "total", "updated_at") FROM \'s3://lake/manifest.json\' IAM_ROLE default FORMAT AS PARQUET MANIFEST',
];
const check = (count: number) =>
  `SELECT CASE WHEN COUNT(*) = ${count} THEN 1 ELSE CAST('count check failed: staged ' || COUNT(*) || ' rows, the manifest says ${count}' AS INTEGER) END FROM stage`;
const KEEP_NEWER =
  'DELETE FROM stage USING "analytics"."orders" WHERE stage."id" = "analytics"."orders"."id" AND stage."updated_at" < "analytics"."orders"."updated_at"';
const MERGE = `MERGE INTO "analytics"."orders" USING stage ON "analytics"."orders"."id" = stage."id"
  WHEN MATCHED THEN UPDATE SET "name" = stage."name", "total" = stage."total", "updated_at" = stage."updated_at"
  WHEN NOT MATCHED THEN INSERT ("id", "name", "total", "updated_at") VALUES (stage."id", stage."name", stage."total", stage."updated_at")`;

describe('a load', () => {
  test('upserts and tells the rows of every statement', async () => {
    const { SubStatements, ...description } = await on.done(...TARGET, ...STAGE, check(10), KEEP_NEWER, MERGE);
    expect(description).toMatchObject({ Status: 'FINISHED', Database: 'dev', WorkgroupName: 'wg', HasResultSet: true });
    expect(SubStatements.map(({ ResultRows }) => ResultRows)).toEqual([-1, -1, -1, 10, 1, 0, 10]);
    expect(await on.rows('SELECT * FROM analytics.orders WHERE id = 3')).toEqual([
      { id: '3', name: 'n3', total: '3.75', updated_at: '2026-01-04 00:00:00' },
    ]);
  });

  test('changes nothing when it runs again, and keeps a newer row that was there', async () => {
    await on.done(...TARGET, "INSERT INTO analytics.orders VALUES (3, 'newer', 0, '2027-01-01')");
    for (let run = 0; run < 2; run++) await on.done(...TARGET, ...STAGE, check(10), KEEP_NEWER, MERGE);
    expect(await on.rows('SELECT count(*) AS rows FROM analytics.orders')).toEqual([{ rows: '10' }]);
    expect(await on.rows('SELECT name FROM analytics.orders WHERE id = 3')).toEqual([{ name: 'newer' }]);
  });

  test('replaces by DELETE and INSERT in one transaction', async () => {
    await on.done(...TARGET, "INSERT INTO analytics.orders VALUES (99, 'old', 0, NULL)");
    const { SubStatements } = await on.done(
      ...STAGE,
      check(10),
      'DELETE FROM "analytics"."orders"',
      'INSERT INTO "analytics"."orders" ("id", "name") SELECT "id", "name" FROM stage',
    );
    expect(SubStatements.slice(3).map(({ ResultRows }) => ResultRows)).toEqual([1, 10]);
    expect(await on.rows('SELECT min(id) AS low, max(id) AS high FROM analytics.orders')).toEqual([{ low: '0', high: '9' }]);
  });

  test('whose count check fails leaves the target untouched and says the count in its error', async () => {
    await on.done(...TARGET, "INSERT INTO analytics.orders VALUES (99, 'old', 0, NULL)");
    const description = await on.batch('DELETE FROM analytics.orders', ...STAGE, check(11), MERGE);
    expect(description.Status).toBe('FAILED');
    expect(description.Error).toContain('Query #4 failed with ERROR: ');
    expect(description.Error).toContain('count check failed: staged 10 rows, the manifest says 11');
    expect(description.SubStatements.map(({ Status }) => Status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED', 'FAILED', 'ABORTED']);
    expect(await on.rows('SELECT name FROM analytics.orders')).toEqual([{ name: 'old' }]);
  });

  test('deduplicates with QUALIFY, NULL versions losing last as Redshift sorts them', async () => {
    await on.done('CREATE TABLE v (id int, version timestamp)', "INSERT INTO v VALUES (1, '2026-01-01'), (1, '2026-01-02'), (1, NULL)");
    const sql = (order: string) => `SELECT version FROM v QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY version ${order}) = 1`;
    expect(await on.rows(sql('DESC NULLS LAST'))).toEqual([{ version: '2026-01-02 00:00:00' }]);
    expect(await on.rows(sql('DESC'))).toEqual([{ version: null }]);
    expect(await on.rows(sql('ASC'))).toEqual([{ version: '2026-01-01 00:00:00' }]);
  });
});

describe('the file', () => {
  test('keeps tables and their declared types when it is opened again', async () => {
    await on.done(...TARGET, "INSERT INTO analytics.orders VALUES (1, 'a', 1.5, NULL)");
    await on.reopen();
    expect(await on.rows('SELECT id FROM analytics.orders')).toEqual([{ id: '1' }]);
    expect(await on.warehouse.describeTable('analytics', 'orders')).toEqual([
      { name: 'id', type: 'bigint', nullable: false },
      { name: 'name', type: 'varchar(16)', nullable: true },
      { name: 'total', type: 'decimal(12,2)', nullable: true },
      { name: 'updated_at', type: 'timestamp', nullable: true },
    ]);
    expect(await on.error("INSERT INTO analytics.orders VALUES (2, 'seventeen letters', 1, NULL)")).toContain('value too long');
    expect(await on.warehouse.describeTable('analytics', 'nothing')).toBeUndefined();
  });

  test('that cannot be opened gives an error that names it', async () => {
    const file = join(on.folder, 'no', 'such', 'folder.duckdb');
    await expect(openWarehouse({ file, resolveS3: (url) => url })).rejects.toThrow(`cannot open the warehouse file '${file}'`);
  });

  test('needs the DuckDB package, and says how to get it', async () => {
    jest.resetModules();
    jest.doMock('@duckdb/node-api', () => {
      throw new Error("Cannot find module '@duckdb/node-api'");
    });
    const without = jest.requireActual<{ openWarehouse: typeof openWarehouse }>('../../../lib/local/warehouse');
    await expect(without.openWarehouse({ file: 'x', resolveS3: (url) => url })).rejects.toThrow('npm i -D @duckdb/node-api');
    jest.dontMock('@duckdb/node-api');
  });
});

describe('query', () => {
  test('gives values exactly, texts for what a number cannot hold', async () => {
    await on.done(
      'CREATE TABLE t (a bigint, b decimal(38,10), c timestamp, d timestamptz, e date, f boolean, g varchar(20), h integer, i time)',
      `INSERT INTO t VALUES (9007199254740993, 1234567890123456789012345678.0123456789, '2026-01-02 03:04:05.678901', '2026-01-02 03:04:05+02', '2026-01-02', true, '', NULL, '01:02:03')`,
    );
    expect(await on.rows('SELECT * FROM t')).toEqual([
      {
        a: '9007199254740993',
        b: '1234567890123456789012345678.0123456789',
        c: '2026-01-02 03:04:05.678901',
        d: '2026-01-02 01:04:05+00',
        e: '2026-01-02',
        f: true,
        g: '',
        h: null,
        i: '01:02:03',
      },
    ]);
  });

  test('throws what the warehouse says', async () => {
    await expect(on.rows('SELECT * FROM nothing')).rejects.toThrow('ERROR: relation "nothing" does not exist');
  });
});
