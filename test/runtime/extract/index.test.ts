import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { clientConfig } from '../../../lib/local/postgres';
import type { Dataset } from '../../../lib/runtime/contract';
import { findTable } from '../../../lib/runtime/extract/catalogue';
import { connectTo } from '../../../lib/runtime/extract/connection';
import { selectWindow } from '../../../lib/runtime/extract/window';
import { extract, failure, makeWorld, rowsOf, type World } from './support';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
}, 60_000);
afterAll(() => world.stop());

const run = (sql: string) => world.admin.query(sql);
const rows = (dataset: Dataset) => world.parts(dataset).flatMap(rowsOf);

describe('a table', () => {
  test('comes out with every supported type in PostgreSQL text form and its Redshift type', async () => {
    await run(`
      CREATE TYPE mood AS ENUM ('glad', 'sad');
      CREATE DOMAIN price AS numeric(12,2) NOT NULL;
      CREATE DOMAIN net_price AS price;
      CREATE TABLE kinds (
        small smallint, number integer NOT NULL, big bigint, exact numeric(38,10), whole numeric(5), hundreds numeric(3,-2), tiny numeric(2,5),
        single real, double double precision, flag boolean, day date, clock time, local timestamp, instant timestamptz, id uuid,
        long text, short varchar(10), longest varchar(20000), any_length varchar, fixed char(3), one char, doc json, docb jsonb, m mood, cost net_price
      );
      INSERT INTO kinds VALUES (
        -32768, 2147483647, 9223372036854775807, 1234567890123456789012345678.0123456789, 12345, 12300, 0.00012,
        0.1, 0.1, true, '2024-02-29', '23:59:59.999999', '2024-02-29 12:00:00.000001', '2024-02-29 12:00:00.000001+02', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
        'long', 'short', 'longest', 'any', 'ab', 'x', '{"a": 1}', '{"b":2}', 'sad', 9.90
      )`);

    const dataset = await extract(world.event('kinds'));

    expect(dataset.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'small smallint',
      'number integer',
      'big bigint',
      'exact decimal(38,10)',
      'whole decimal(5,0)',
      'hundreds decimal(5,0)',
      'tiny decimal(5,5)',
      'single real',
      'double double precision',
      'flag boolean',
      'day date',
      'clock time',
      'local timestamp',
      'instant timestamptz',
      'id varchar(36)',
      'long varchar(65535)',
      'short varchar(40)',
      'longest varchar(65535)',
      'any_length varchar(65535)',
      'fixed varchar(12)',
      'one varchar(4)',
      'doc varchar(65535)',
      'docb varchar(65535)',
      'm varchar(256)',
      'cost decimal(12,2)',
    ]);
    expect(dataset.columns.filter((column) => !column.nullable).map((column) => column.name)).toEqual(['number', 'cost']);
    expect(rows(dataset)).toEqual([
      [
        '-32768',
        '2147483647',
        '9223372036854775807',
        '1234567890123456789012345678.0123456789',
        '12345',
        '12300',
        '0.00012',
        '0.1',
        '0.1',
        't',
        '2024-02-29',
        '23:59:59.999999',
        '2024-02-29 12:00:00.000001',
        '2024-02-29 10:00:00.000001+00',
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
        'long',
        'short',
        'longest',
        'any',
        'ab ',
        'x',
        '{"a": 1}',
        '{"b": 2}',
        'sad',
        '9.90',
      ],
    ]);
  });

  test('reads the same whatever the settings of the role', async () => {
    await run(`
      CREATE TABLE setting AS SELECT timestamptz '2024-07-01 12:00:00+00' AS at, 0.1::float8 + 0.2 AS f, date '2024-12-31' AS day;
      ALTER ROLE postgres SET timezone = 'Asia/Kolkata'; ALTER ROLE postgres SET datestyle = 'SQL, DMY'; ALTER ROLE postgres SET extra_float_digits = 0`);
    try {
      expect(rows(await extract(world.event('setting')))).toEqual([['2024-07-01 12:00:00+00', '0.30000000000000004', '2024-12-31']]);
    } finally {
      await run('ALTER ROLE postgres RESET ALL');
    }
  });

  test('is read in a session that writes nothing, sees one snapshot, has limits and a name', async () => {
    const names = [
      'transaction_isolation',
      'transaction_read_only',
      'statement_timeout',
      'lock_timeout',
      'idle_in_transaction_session_timeout',
      'application_name',
    ];
    await run(`CREATE VIEW session AS SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`);
    const [[isolation, readOnly, timeout, ...rest]] = rows(await extract(world.event('session'))) as [string[]];
    expect([isolation, readOnly, ...rest]).toEqual(['repeatable read', 'on', '30s', '5min', 'cdk-data-pipeline extract']);
    expect(timeout).toMatch(/^29\d{4}ms$/);
  });

  test('keeps NULL apart from the empty string, and quotes, separators and every plane of Unicode as they are', async () => {
    const texts = [
      null,
      '',
      '\\N',
      '\\.',
      'NULL',
      `it's "quoted"`,
      'tab\tline\nreturn\rback\\slash',
      '\b\f\v\u0001\u001f\u007f',
      'é ß Ω 漢字 \u2028 \ufeff',
      '😀 \u{1F1E9}\u{1F1EA} \u{20000} \u{E0001} \u{10FFFF}',
      '  spaces  ',
      'a,b;c|d',
    ];
    await run('CREATE TABLE texts (n int, t text)');
    for (const [n, text] of texts.entries()) await world.admin.query('INSERT INTO texts VALUES ($1, $2)', [n, text]);
    const dataset = await extract(world.event('texts'));
    expect(rows(dataset).map(([, text]) => text)).toEqual(texts);
    expect(dataset.recordCount).toBe(texts.length);
  });

  test('is split into parts at record borders, and the manifest counts rows and bytes of each', async () => {
    await run(`CREATE TABLE wide AS SELECT n, repeat('line' || chr(10), 20) AS t FROM generate_series(1, 20000) n`);
    const dataset = await extract(world.event('wide', { partBytes: 300_000 }));
    const manifest = world.manifest(dataset);
    const parts = world.parts(dataset);
    expect(dataset.parts).toBeGreaterThan(5);
    expect(manifest.entries).toHaveLength(dataset.parts);
    for (const [index, part] of parts.entries()) {
      expect(part.endsWith('\n')).toBe(true);
      expect(rowsOf(part).every((row) => row.length === 2)).toBe(true);
      expect(rowsOf(part)).toHaveLength(manifest.entries[index]!.meta.record_count);
      expect(manifest.entries[index]!.meta.content_length).toBe(world.size(manifest.entries[index]!.url));
      if (index < parts.length - 1) expect(part.length).toBeGreaterThanOrEqual(300_000);
      expect(part.length).toBeLessThan(300_000 + 200);
      expect(manifest.entries[index]!.url).toBe(`s3://lake/${dataset.manifest.split('/').slice(3, -1).join('/')}/part-0000${index}.txt.gz`);
    }
    expect(rows(dataset).map(([n]) => Number(n))).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
    expect(manifest).toMatchObject({ format: 'copy-text', schema: { elements: dataset.columns }, meta: { record_count: 20_000 } });
    expect(manifest.meta.content_length).toBe(manifest.entries.reduce((sum, entry) => sum + entry.meta.content_length, 0));
    expect(dataset).toMatchObject({ recordCount: 20_000, counts: { extracted: 20_000 }, format: 'copy-text' });
    expect(dataset.window).toBeUndefined();
  });

  test('ends a part that is full exactly at a record, without an empty one after it', async () => {
    await run(`CREATE TABLE even AS SELECT 'abc' AS t FROM generate_series(1, 4)`);
    expect(world.parts(await extract(world.event('even', { partBytes: 8 })))).toEqual(['abc\nabc\n', 'abc\nabc\n']);
    expect(world.parts(await extract(world.event('even', { partBytes: 1 })))).toEqual(['abc\n', 'abc\n', 'abc\n', 'abc\n']);
  });

  test('without rows gives a manifest without entries', async () => {
    await run('CREATE TABLE nothing (a int)');
    const dataset = await extract(world.event('nothing'));
    expect(dataset).toMatchObject({ recordCount: 0, parts: 0, counts: { extracted: 0 } });
    expect(world.manifest(dataset)).toEqual({
      entries: [],
      meta: { content_length: 0, record_count: 0 },
      format: 'copy-text',
      schema: { elements: [{ name: 'a', type: 'integer', nullable: true }] },
    });
  });

  test('may be a view, a materialized view or partitioned', async () => {
    await run(`
      CREATE TABLE halves (n int) PARTITION BY RANGE (n);
      CREATE TABLE lower_half PARTITION OF halves FOR VALUES FROM (0) TO (10);
      CREATE TABLE upper_half PARTITION OF halves FOR VALUES FROM (10) TO (20);
      INSERT INTO halves VALUES (1), (11);
      CREATE VIEW seen AS SELECT n::text AS t FROM halves ORDER BY n;
      CREATE MATERIALIZED VIEW kept AS SELECT * FROM seen`);
    for (const table of ['halves', 'seen', 'kept']) expect(rows(await extract(world.event(table)))).toEqual([['1'], ['11']]);
  });

  test('and its columns may have any name', async () => {
    await run(`
      CREATE SCHEMA "we;ird"; CREATE TABLE "we;ird"."na""me.x" ("a;b" int, "c""; DROP TABLE keep; --" int, "sélect" int);
      CREATE TABLE keep (n int);
      INSERT INTO "we;ird"."na""me.x" VALUES (1, 2, 3)`);
    const dataset = await extract(world.event('"we;ird"."na""me.x"'));
    expect(dataset.columns.map((column) => column.name)).toEqual(['a;b', 'c"; DROP TABLE keep; --', 'sélect']);
    expect(rows(dataset)).toEqual([['1', '2', '3']]);
    await expect(extract(world.event('keep'))).resolves.toMatchObject({ recordCount: 0 });
  });
});

describe('columns', () => {
  beforeAll(() =>
    run(`CREATE TABLE people (id int, name text, email text, tags text[], ratio numeric, span interval); INSERT INTO people VALUES (1, 'a', 'b')`),
  );

  test('are those asked for, in that order', async () => {
    const dataset = await extract(world.event('people', { columns: ['name', 'id'] }));
    expect(rows(dataset)).toEqual([['a', '1']]);
  });

  test('leave out those excluded, whatever their type', async () => {
    const dataset = await extract(world.event('people', { excludeColumns: ['email', 'tags', 'ratio', 'span'] }));
    expect(dataset.columns.map((column) => column.name)).toEqual(['id', 'name']);
  });

  test('of types that Redshift cannot hold are all named, with what to do', async () => {
    await run('CREATE TYPE pair AS (a int, b int); CREATE TABLE prices (id int, net money, past money[], span pair, row xid)');
    const error = await failure(extract(world.event('prices')));
    expect(error.name).toBe('UnsupportedType');
    expect(error.message).toMatch(
      /'net' is money, whose text depends on a setting of the database; 'past' is money\[\].*; 'span' is pair; 'row' is xid; exclude them with excludeColumns, or extract a view/,
    );
    await expect(extract(world.event('prices', { excludeColumns: ['net', 'past', 'span', 'row'] }))).resolves.toMatchObject({ parts: 0 });
  });

  test.each([
    ['a\nb', '"a\\nb"'],
    ['\u007f', '"\u007f"'],
    ['OID', '"OID"'],
  ])('named %j are refused, because no table of Redshift can have them', async (name, told) => {
    await run(`DROP TABLE IF EXISTS named; CREATE TABLE named (id int, "${name}" int)`);
    const error = await failure(extract(world.event('named')));
    expect(error).toMatchObject({ name: 'InvalidInput', message: expect.stringContaining(`column ${told} cannot keep its name`) });
    await expect(extract(world.event('named', { excludeColumns: [name] }))).resolves.toMatchObject({ parts: 0 });
  });

  test('whose names differ in case only are refused, which Redshift would take for one', async () => {
    await run('CREATE TABLE twins (id int, "ID" int)');
    expect(await failure(extract(world.event('twins')))).toMatchObject({
      name: 'InvalidInput',
      message: "columns 'id' and 'ID' differ in case only, which Redshift does not tell apart; exclude one",
    });
    await expect(extract(world.event('twins', { excludeColumns: ['ID'] }))).resolves.toMatchObject({ parts: 0 });
  });

  test('that are not there are refused with what is close, excluded ones too', async () => {
    for (const asked of [{ columns: ['emial'] }, { excludeColumns: ['emial'] }]) {
      const error = await failure(extract(world.event('people', asked)));
      expect(error.name).toBe('SourceNotFound');
      expect(error.message).toBe("table 'public.people' has no column 'emial' - did you mean 'email'?");
    }
    expect((await failure(extract(world.event('people', { columns: ['"; DROP TABLE keep; --'] })))).message).toContain(
      "; it has 'id', 'name', 'email'",
    );
  });

  test('named twice or none at all are refused', async () => {
    expect(await failure(extract(world.event('people', { columns: ['id', 'id'] })))).toMatchObject({ name: 'InvalidInput' });
    expect(await failure(extract(world.event('people', { columns: ['id'], excludeColumns: ['id'] })))).toMatchObject({ name: 'InvalidInput' });
  });
});

describe('a column that is hidden', () => {
  beforeAll(() =>
    run(
      `CREATE TABLE secrets (id int PRIMARY KEY, email text, age int, tags text[]); INSERT INTO secrets VALUES (1, 'a@x.org', 41, '{a}'), (2, NULL, NULL, NULL)`,
    ),
  );
  const shown = (dataset: Dataset) => dataset.columns.map(({ name, type }) => `${name} ${type}`);

  test('is masked whatever its type, and NULL stays NULL', async () => {
    const dataset = await extract(world.event('secrets', { columns: ['email', 'age'], maskColumns: ['email', 'age'] }));
    expect(shown(dataset)).toEqual(['email varchar(3)', 'age varchar(3)']);
    expect(rows(dataset)).toEqual([
      ['***', '***'],
      [null, null],
    ]);
  });

  test('is hashed with SHA-256 of its text, and may be the key', async () => {
    const dataset = await extract(world.event('secrets', { columns: ['id', 'email', 'tags'], hashColumns: ['id', 'email', 'tags'] }));
    expect(shown(dataset)).toEqual(['id varchar(64)', 'email varchar(64)', 'tags varchar(64)']);
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(rows(dataset)).toEqual([
      [hash('1'), hash('a@x.org'), hash('["a"]')],
      [hash('2'), null, null],
    ]);
  });

  test('never leaves the database', async () => {
    const dataset = await extract(world.event('secrets', { maskColumns: ['email'], hashColumns: ['tags'] }));
    expect(world.parts(dataset).join()).not.toContain('a@x.org');
  });

  test.each([[{ maskColumns: ['emial'] }], [{ hashColumns: ['email'], excludeColumns: ['email'] }]])('must be there: %j', async (more) => {
    const { name } = await failure(extract(world.event('secrets', more)));
    expect(['SourceNotFound', 'InvalidInput']).toContain(name);
  });
});

describe('a window by key', () => {
  const next = (low: string | null, more = {}) =>
    extract(world.event('events', { incremental: { column: 'id', kind: 'key', low, lagSeconds: 0, ...more } }));
  beforeAll(() => run(`CREATE TABLE events (id bigserial PRIMARY KEY, t text); INSERT INTO events (t) SELECT 'x' FROM generate_series(1, 3)`));

  test('begins where the last one ended, and takes what came since', async () => {
    const first = await next(null);
    expect(first).toMatchObject({ recordCount: 3, window: { column: 'id', low: null, high: '4' } });
    expect(await next('4')).toMatchObject({ recordCount: 0, window: { low: '4', high: '4' } });
    await run(`INSERT INTO events (t) VALUES ('y')`);
    expect(rows(await next('4'))).toEqual([['4', 'y']]);
  });

  test('passes no key of a transaction that is still open, and so loses none', async () => {
    const writer = new Client(clientConfig(world.db));
    await writer.connect();
    await writer.query(`BEGIN; INSERT INTO events (t) VALUES ('late')`);
    await run(`INSERT INTO events (t) VALUES ('early')`);
    expect(await next('5')).toMatchObject({ recordCount: 0, window: { low: '5', high: '5' } });
    const waiting = next('5', { lagSeconds: 30 });
    await writer.query('COMMIT');
    expect(rows(await waiting)).toEqual([
      ['5', 'late'],
      ['6', 'early'],
    ]);
    await writer.end();
  });

  test('with an overlap waits for nobody, and reaches back', async () => {
    const writer = new Client(clientConfig(world.db));
    await writer.connect();
    await writer.query(`BEGIN; INSERT INTO events (t) VALUES ('late')`);
    await run(`INSERT INTO events (t) VALUES ('early')`);
    const early = await next('7', { overlap: 2 });
    expect(early.window).toEqual({ column: 'id', low: '7', high: '9', from: '5' });
    expect(rows(early).map(([id]) => id)).toEqual(['5', '6', '8']);
    await writer.query('COMMIT');
    await run(`INSERT INTO events (t) VALUES ('last')`);
    expect(rows(await next('9', { overlap: 2 })).map(([id]) => id)).toEqual(['7', '8', '9']);
    await writer.end();
  });

  test('needs an integer column and an integer low end', async () => {
    expect((await failure(next('2024-01-01'))).message).toContain("'2024-01-01' of the window is not a whole number");
    expect((await failure(next(null, { column: 't' }))).message).toContain("the incremental key 't' is text; choose");
  });

  test('of a table without rows is empty', async () => {
    await run('CREATE TABLE no_events (id bigserial PRIMARY KEY)');
    const dataset = await extract(world.event('no_events', { incremental: { column: 'id', kind: 'key', lagSeconds: 0 } }));
    expect(dataset).toMatchObject({ recordCount: 0, window: { low: null } });
  });
});

describe('a window', () => {
  beforeAll(() =>
    run(`
      CREATE TABLE changes (id int, at timestamptz, local timestamp);
      INSERT INTO changes SELECT n, timestamptz '2024-01-01 00:00:00+00' + n * interval '1 hour', timestamp '2024-01-01' + n * interval '1 hour' FROM generate_series(0, 9) n`),
  );

  test.each(['at', 'local'])('has its low end in it and its high end not, by column %s', async (column) => {
    const first = await extract(world.event('changes', { incremental: { column, lagSeconds: 0 } }));
    expect(first.recordCount).toBe(10);
    expect(first.window).toMatchObject({ column, low: null });
    const low = '2024-01-01T04:00:00Z';
    const second = await extract(world.event('changes', { incremental: { column, low, lagSeconds: 0 } }));
    expect(rows(second).map(([id]) => id)).toEqual(['4', '5', '6', '7', '8', '9']);
    expect(second.window!.low).toBe(low);
  });

  test('ends at the clock of the database less the lag, and the next one starts there without gap or overlap', async () => {
    await run('INSERT INTO changes (id, at) VALUES (100, now())');
    const before = Date.now();
    const first = await extract(world.event('changes', { incremental: { column: 'at', lagSeconds: 60 } }));
    expect(rows(first).map(([id]) => id)).not.toContain('100');
    expect(first.window!.high).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/);
    const high = Date.parse(first.window!.high);
    expect(high).toBeGreaterThanOrEqual(before - 61_000);
    expect(high).toBeLessThanOrEqual(Date.now() - 59_000);

    await world.admin.query(`INSERT INTO changes (id, at) VALUES (101, $1::timestamptz), (102, $1::timestamptz - interval '1 microsecond')`, [
      first.window!.high,
    ]);
    const next = { column: 'at', low: first.window!.high, lagSeconds: 0 };
    expect(rows(await extract(world.event('changes', { incremental: next }))).map(([id]) => id)).toEqual(['100', '101']);
    await run('DELETE FROM changes WHERE id >= 100');
  });

  test('does not hold a row at its very high end', async () => {
    const connect = await connectTo('changes');
    const { condition, window } = await connect(async (session) =>
      selectWindow(session, await findTable(session, 'changes'), { column: 'at', lagSeconds: 0 }),
    );
    const at = (time: string) => world.admin.query(`SELECT FROM (SELECT $1::timestamptz${time} AS at) x WHERE ${condition}`, [window.high]);
    expect((await at('')).rowCount).toBe(0);
    expect((await at(` - interval '1 microsecond'`)).rowCount).toBe(1);
  });

  test('whose low end is not below its high end is empty and does not move back', async () => {
    const low = '2999-01-01T00:00:00.000000Z';
    const dataset = await extract(world.event('changes', { incremental: { column: 'at', low, lagSeconds: 0 } }));
    expect(dataset).toMatchObject({ recordCount: 0, parts: 0, window: { column: 'at', low, high: low } });
    expect(world.manifest(dataset).entries).toEqual([]);
  });

  test('with an overlap has the rows before it too, and says where they begin', async () => {
    const low = '2024-01-01T04:00:00.000000Z';
    const dataset = await extract(world.event('changes', { incremental: { column: 'at', low, lagSeconds: 0, overlap: 7200 } }));
    expect(rows(dataset).map(([id]) => id)).toEqual(['2', '3', '4', '5', '6', '7', '8', '9']);
    expect(dataset.window).toMatchObject({ low, from: '2024-01-01T02:00:00.000000Z' });
  });

  test('needs a column of timestamps, an instant as its low end and a lag', async () => {
    expect((await failure(extract(world.event('changes', { incremental: { column: 'id', lagSeconds: 0 } })))).message).toContain(
      "'id' is integer; choose",
    );
    for (const low of ["2024-01-01'; DROP TABLE changes; --", '2024-01-01T00:00:00+02:00', 'yesterday']) {
      const error = await failure(extract(world.event('changes', { incremental: { column: 'at', low, lagSeconds: 0 } })));
      expect(error.name).toBe('InvalidInput');
      expect(error.message).toContain('is not an instant');
    }
    expect(await failure(extract(world.event('changes', { incremental: { column: 'at', lagSeconds: -1 } })))).toMatchObject({ name: 'InvalidInput' });
    expect(await failure(extract(world.event('changes', { incremental: { column: 'on', lagSeconds: 0 } })))).toMatchObject({
      name: 'SourceNotFound',
    });
  });

  test.each(['NULL', "'infinity'"])('refuses a table with rows that no window would ever hold: %s', async (time) => {
    await run(`DROP TABLE IF EXISTS holes; CREATE TABLE holes AS SELECT ${time}::timestamptz AS at`);
    const error = await failure(extract(world.event('holes', { incremental: { column: 'at', lagSeconds: 0 } })));
    expect(error.name).toBe('InvalidInput');
    expect(error.message).toContain("1 rows of 'public.holes' have no value in the incremental column 'at'");
  });
});
