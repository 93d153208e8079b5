import type { Dataset, ExtractEvent } from '../../../lib/runtime/contract';
import { findTable } from '../../../lib/runtime/extract/catalogue';
import { connectTo } from '../../../lib/runtime/extract/connection';
import { findKey, rangeConditions, where } from '../../../lib/runtime/extract/key';
import { split } from '../../../lib/runtime/extract/split';
import { extract, makeWorld, rowsOf, type World } from './support';

jest.setTimeout(60_000);

let world: World;
beforeAll(async () => {
  world = await makeWorld();
}, 60_000);
afterAll(() => world.stop());

const run = (sql: string) => world.admin.query(sql);
const rows = (dataset: Dataset) => world.parts(dataset).flatMap(rowsOf);
const sorted = (of: (string | null)[][]) => of.map((row) => JSON.stringify(row)).sort();
const select = async (text: string) => (await world.admin.query({ text, rowMode: 'array' })).rows as string[][];

/** How many rows each of the ranges has that a table is split into. */
async function shares(name: string, ranges: number, conditions: string[] = []): Promise<number[]> {
  const connect = await connectTo(name);
  return connect(async (session) => {
    const table = await findTable(session, name);
    const key = await findKey(session, table);
    const counts: number[] = [];
    for (const range of await split(session, table, key, conditions, ranges)) {
      const [[count]] = (await select(`SELECT count(*) FROM ${name}${where([...conditions, ...rangeConditions(key, range)])}`)) as [[string]];
      counts.push(Number(count));
    }
    return counts;
  });
}

describe('where a table is split', () => {
  test('is found in some of its blocks, however its keys are spread', async () => {
    await run(`CREATE TABLE wide (a text, b bigint, filler text, PRIMARY KEY (a, b));
      INSERT INTO wide SELECT CASE WHEN n % 10 < 7 THEN 'it''s' ELSE chr(65 + (n % 26)) END, power(n, 3), repeat('x', 500) FROM generate_series(1, 30000) n`);
    const read = async () => {
      await run('SELECT pg_stat_force_next_flush()');
      return Number((await select(`SELECT heap_blks_read + heap_blks_hit FROM pg_statio_user_tables WHERE relname = 'wide'`))[0]![0]);
    };
    const connect = await connectTo('wide');
    const before = await read();
    const ranges = await connect(async (session) => {
      const table = await findTable(session, 'wide');
      const found = await split(session, table, await findKey(session, table), [], 4);
      await session.query('SELECT pg_stat_force_next_flush()');
      return found;
    });
    const blocks = Number((await select(`SELECT pg_relation_size('wide') / 8192`))[0]![0]);
    expect(blocks).toBeGreaterThan(2000);
    expect((await read()) - before).toBeLessThan(1300);
    expect(ranges).toHaveLength(4);
    const counts = await shares('wide', 4);
    expect(counts.reduce((sum, count) => sum + count)).toBe(30_000);
    for (const count of counts) expect(Math.abs(count - 7500)).toBeLessThan(2500);
  });

  test('follows the window, and a partitioned table is sampled as a whole', async () => {
    await run(`CREATE TABLE parted (n int PRIMARY KEY) PARTITION BY RANGE (n);
      CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (1000); CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (1000) TO (9000);
      INSERT INTO parted SELECT generate_series(1, 8000)`);
    expect(await shares('parted', 4)).toEqual([2000, 2000, 2000, 2000]);
    expect(await shares('parted', 2, ['n >= 500', 'n < 700'])).toEqual([100, 100]);
  });

  test('is nowhere in a table that is empty, or has no key, or where one range is enough', async () => {
    await run('CREATE TABLE nothing (n int PRIMARY KEY); CREATE TABLE heap AS SELECT generate_series(1, 9) AS n');
    expect(await shares('nothing', 4)).toEqual([0]);
    expect(await shares('heap', 4)).toEqual([9]);
    expect(await shares('parted', 1)).toEqual([8000]);
  });

  test('leaves every range a part, or fewer', async () => {
    await run(
      `CREATE TABLE small AS SELECT n, repeat('x', 96) AS t FROM generate_series(1, 1000) n; ALTER TABLE small ADD PRIMARY KEY (n); ANALYZE small`,
    );
    expect((await extract(world.event('small', { ranges: 8, partBytes: 40_000 }))).parts).toBe(3);
    expect((await extract(world.event('small', { ranges: 8 }))).parts).toBe(1);
  });
});

/** Extracts as a role for which COPY asks `condition` of every row. */
async function extractWhere(table: string, condition: string, more: Partial<ExtractEvent>): Promise<Dataset> {
  await run(`DROP OWNED BY reader; GRANT SELECT ON ${table} TO reader; ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
    CREATE POLICY reading ON ${table} TO reader USING (current_query() NOT LIKE 'COPY%' OR ${condition})`);
  const owner = world.secret;
  world.secret = { ...owner, username: 'reader', password: 'x' };
  return extract(world.event(table, more)).finally(() => {
    world.secret = owner;
  });
}

describe('ranges', () => {
  beforeAll(() => run(`CREATE ROLE reader LOGIN PASSWORD 'x'`));

  test('are read side by side, and are of one moment: what is written meanwhile is in none of them', async () => {
    await run(`CREATE TABLE moving AS SELECT n, n AS amount FROM generate_series(1, 4000) n; ALTER TABLE moving ADD PRIMARY KEY (n); ANALYZE moving;
      CREATE FUNCTION pass() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN true; END $$`);
    const before = await select('SELECT n::text, amount::text FROM moving');
    await run('SELECT pg_advisory_lock(7)');
    const extraction = extractWhere('moving', 'pass()', { ranges: 4, partBytes: 2_000 });
    const waiting = `SELECT FROM pg_stat_activity WHERE query LIKE 'COPY%' AND wait_event = 'advisory' AND usename = 'reader'`;
    while ((await run(waiting)).rowCount! < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    await run(`UPDATE moving SET amount = -amount; DELETE FROM moving WHERE n % 3 = 0; UPDATE moving SET n = n + 5000 WHERE n > 3000;
      INSERT INTO moving SELECT n, 0 FROM generate_series(4001, 4100) n`);
    await run('SELECT pg_advisory_unlock(7)');
    const dataset = await extraction;
    expect(sorted(rows(dataset))).toEqual(sorted(before));
    expect(dataset.extraction).toMatchObject({ invocations: 1, snapshots: 1 });
  });

  test('of which one cannot be read at once are read in smaller chunks, each row once', async () => {
    await run(`CREATE TABLE busy AS SELECT n, repeat('x', 80) AS t FROM generate_series(1, 6000) n; ALTER TABLE busy ADD PRIMARY KEY (n); ANALYZE busy;
      CREATE FUNCTION conflict(n int, rows int) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
      BEGIN
        PERFORM set_config('seen.count', (CASE WHEN current_setting('seen.at', true) = statement_timestamp()::text THEN current_setting('seen.count')::int + 1 ELSE 1 END)::text, true);
        PERFORM set_config('seen.at', statement_timestamp()::text, true);
        IF n > 4500 AND current_setting('seen.count')::int > rows THEN RAISE EXCEPTION USING ERRCODE = '40001'; END IF;
        RETURN true;
      END $$`);
    const dataset = await extractWhere('busy', 'conflict(n, 400)', { ranges: 4, partBytes: 50_000 });
    expect(sorted(rows(dataset))).toEqual(sorted(await select('SELECT n::text, t FROM busy')));
    expect(dataset.extraction!.snapshots).toBeGreaterThan(1);
  });
});
