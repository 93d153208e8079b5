import fc from 'fast-check';
import type { Dataset } from '../../../lib/runtime/contract';
import { handler } from '../../../lib/runtime/extract';
import { extract, failure, makeWorld, rowsOf, type World } from './support';

jest.setTimeout(60_000);

let world: World;
beforeAll(async () => {
  world = await makeWorld();
}, 60_000);
afterAll(() => world.stop());

const run = (sql: string) => world.admin.query(sql);
const rows = (dataset: Dataset) => world.parts(dataset).flatMap(rowsOf);

/** `select` gives the rows of the table, as text, in any order. */
async function expectEveryRowOnce(dataset: Dataset, select: string): Promise<void> {
  const expected = (await world.admin.query({ text: select, rowMode: 'array' })).rows as string[][];
  const sorted = (of: (string | null)[][]) => of.map((row) => JSON.stringify(row)).sort();
  expect(sorted(rows(dataset))).toEqual(sorted(expected));
  expect(dataset.recordCount).toBe(expected.length);
  expect(dataset.counts.extracted).toBe(expected.length);
}

describe('a table that takes longer than an invocation', () => {
  test('is read to its end by the next ones, whatever key, ranges, part size, row size and time: each row once', async () => {
    await run(`
      CREATE TABLE odd_key (a text NOT NULL, b numeric(20,10) NOT NULL, note text, PRIMARY KEY (a, b));
      CREATE TABLE stamped (n int, at timestamptz NOT NULL);`);
    let invocations = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          count: fc.integer({ min: 0, max: 16_000 }),
          width: fc.integer({ min: 1, max: 3000 }),
          partBytes: fc.integer({ min: 1000, max: 200_000 }),
          share: fc.double({ min: 0.3, max: 0.9, noNaN: true }),
          incremental: fc.boolean(),
          ranges: fc.integer({ min: 1, max: 4 }),
        }),
        async ({ count, width, partBytes, share, incremental, ranges }) => {
          await run(`TRUNCATE odd_key; TRUNCATE stamped;
            INSERT INTO odd_key SELECT chr(39) || chr(92) || (n % 7), n / 3.0, repeat('x', (n * 37) % ${width}) FROM generate_series(1, ${count}) n;
            INSERT INTO stamped SELECT n, timestamptz '2024-01-01' + (n / 50) * interval '1 microsecond' FROM generate_series(1, ${count}) n`);
          const event = incremental
            ? world.event('stamped', { partBytes, ranges, maxInvocations: 1000, incremental: { column: 'at', lagSeconds: 0 } })
            : world.event('odd_key', { partBytes, ranges, maxInvocations: 1000 });
          // how long it takes depends on the machine
          const start = performance.now();
          await extract(event);
          const dataset = await extract(
            { ...event, output: { bucket: 'lake', prefix: `${event.output.prefix}-again` } },
            360 + share * (performance.now() - start),
          );
          invocations += dataset.extraction!.invocations;
          await expectEveryRowOnce(
            dataset,
            incremental ? `SELECT n::text, (at AT TIME ZONE 'UTC')::text || '+00' FROM stamped` : 'SELECT a, b::text, note FROM odd_key',
          );
        },
      ),
      { numRuns: 8, seed: 20_240_501 },
    );
    expect(invocations).toBeGreaterThan(8);
  }, 240_000);
});

/** A role that reads `rows` rows of a statement, and then meets `error`, as a table does that is read too long. */
async function limitTo(table: string, rows: number, error: string): Promise<void> {
  await run(`
    CREATE OR REPLACE FUNCTION seen(most int, code text) RETURNS boolean LANGUAGE plpgsql VOLATILE COST 1 AS $$
    DECLARE statement text := statement_timestamp()::text; counted int;
    BEGIN
      counted := CASE WHEN current_setting('seen.statement', true) = statement THEN current_setting('seen.rows')::int + 1 ELSE 1 END;
      PERFORM set_config('seen.statement', statement, true), set_config('seen.rows', counted::text, true);
      IF counted > most THEN RAISE EXCEPTION USING ERRCODE = code; END IF;
      RETURN true;
    END $$;
    DROP OWNED BY reader; GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON ${table} TO reader;
    ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY; CREATE POLICY seen ON ${table} TO reader USING (seen(${rows}, '${error}'))`);
}

describe('a source that cannot be read for long', () => {
  let owner: Record<string, unknown>;
  beforeAll(async () => {
    owner = world.secret;
    await run(
      `CREATE ROLE reader LOGIN PASSWORD 'x'; CREATE TABLE busy AS SELECT n, md5(n::text) AS t FROM generate_series(1, 5000) n; ALTER TABLE busy ADD PRIMARY KEY (n)`,
    );
    world.secret = { ...owner, username: 'reader', password: 'x' };
  });
  afterAll(() => {
    world.secret = owner;
  });

  test.each([
    ['40001', 'conflicts with recovery'],
    ['57014', 'is cancelled'],
  ])('because it %s %s is read in smaller chunks', async (code) => {
    await limitTo('busy', 700, code);
    const dataset = await extract(world.event('busy'));
    await expectEveryRowOnce(dataset, 'SELECT n::text, t FROM busy');
    expect(dataset.parts).toBeGreaterThanOrEqual(8);
    expect(dataset.extraction!.snapshots).toBeGreaterThan(1);
    await expectEveryRowOnce(await extract(world.event('busy', { ranges: 3, partBytes: 30_000 })), 'SELECT n::text, t FROM busy');
  });

  test('at all fails for good, and names what to set', async () => {
    await limitTo('busy', 50, '40001');
    const conflict = await failure(extract(world.event('busy')));
    expect(conflict.name).toBe('LimitExceeded');
    expect(conflict.message).toContain(
      'conflicts with recovery on the replica even in chunks of 100 rows; set hot_standby_feedback on the replica, or raise its max_standby_streaming_delay',
    );
    await limitTo('busy', 50, '57014');
    const slow = await failure(extract(world.event('busy')));
    expect(slow.name).toBe('LimitExceeded');
    expect(slow.message).toContain("not even 100 rows of 'public.busy' can be read within 300 s; raise longestTransaction or timeout");
  });

  test('and has no key fails for good when time was short, and is tried again when a replica had to catch up', async () => {
    await run('CREATE TABLE keyless AS SELECT n FROM generate_series(1, 5000) n');
    await limitTo('keyless', 700, '57014');
    const error = await failure(extract(world.event('keyless')));
    expect(error.name).toBe('LimitExceeded');
    expect(error.message).toContain(
      "'public.keyless' has no primary key by which it can be read in pieces, and cannot be read at once within 300 s; add a primary key",
    );
    await limitTo('keyless', 700, '40001');
    expect((await failure(extract(world.event('keyless')))).name).toBe('SourceUnavailable');
  });
});

test('no transaction is longer than the limit, and the longest is reported', async () => {
  await run(`CREATE TABLE slow AS SELECT n FROM generate_series(1, 600) n; ALTER TABLE slow ADD PRIMARY KEY (n);
    CREATE FUNCTION nap(n int) RETURNS int LANGUAGE sql VOLATILE AS $$ SELECT n FROM (SELECT pg_sleep(0.002)) x $$;
    CREATE VIEW slow_view AS SELECT nap(n) AS n FROM slow`);
  const keyless = await failure(extract(world.event('slow_view', { longestTransactionSeconds: 0.5 })));
  expect(keyless.message).toContain('cannot be read at once within 0.5 s');
  const whole = await extract(world.event('slow_view'));
  expect(whole.extraction).toMatchObject({ invocations: 1, snapshots: 1 });
  expect(whole.extraction!.longestTransactionMs).toBeGreaterThan(1200);
});

test('parts of a chunk that failed are in no list', async () => {
  await run(`CREATE TABLE cut AS SELECT n, repeat('x', 600) AS t FROM generate_series(1, 3000) n; ALTER TABLE cut ADD PRIMARY KEY (n); ANALYZE cut`);
  const owner = world.secret;
  await limitTo('cut', 1500, '40001');
  world.secret = { ...owner, username: 'reader', password: 'x' };
  const before = world.files().length;
  const dataset = await extract(world.event('cut', { partBytes: 300_000 })).finally(() => {
    world.secret = owner;
  });
  await expectEveryRowOnce(dataset, 'SELECT n::text, t FROM cut');
  expect(world.files().length - before).toBeGreaterThan(dataset.parts + 1);
  expect(await world.openUploads()).toBe(0);
});

test('a row larger than a part is a part', async () => {
  await run(`CREATE TABLE huge AS SELECT n, repeat('x', CASE n WHEN 2 THEN 20000000 ELSE 10 END) AS t FROM generate_series(1, 3) n`);
  const dataset = await extract(world.event('huge', { partBytes: 1_000_000 }));
  expect(world.parts(dataset).map((part) => rowsOf(part).length)).toEqual([2, 1]);
});

test('more invocations than allowed fail, and name what to raise', async () => {
  await run(`CREATE TABLE long AS SELECT n, repeat('x', 2000) AS t FROM generate_series(1, 20000) n; ALTER TABLE long ADD PRIMARY KEY (n)`);
  const error = await failure(extract(world.event('long', { partBytes: 10_000, maxInvocations: 2 }), 450));
  expect(error.name).toBe('LimitExceeded');
  expect(error.message).toContain("table 'long' is not extracted after 2 invocations, which is maxInvocations; raise it");
});

test('a table that changes its shape between invocations is refused', async () => {
  await run(`CREATE TABLE changing AS SELECT n, repeat('x', 2000) AS t FROM generate_series(1, 20000) n; ALTER TABLE changing ADD PRIMARY KEY (n)`);
  const event = world.event('changing', { partBytes: 10_000 });
  const deadline = Date.now() + 450;
  const answer = await handler(event, { getRemainingTimeInMillis: () => deadline - Date.now() });
  if (!('done' in answer)) throw new Error('expected more than one invocation');
  await run('ALTER TABLE changing ADD COLUMN late int');
  const error = await failure(handler({ ...event, cursor: answer.cursor }));
  expect(error).toMatchObject({ name: 'InvalidInput' });
  expect(error.message).toContain("the columns of table 'changing' changed while it was extracted");
});
