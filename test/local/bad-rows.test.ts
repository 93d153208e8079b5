import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Size } from 'aws-cdk-lib';
import { CleanRule, Incremental, LoadMode } from '../../lib';
import { demo } from '../../lib/local/demo/main';
import { Bench, type BenchRun, expectFailure, loadedRows, rejectedRows, type TablePipeline } from './support';

jest.setTimeout(180_000);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open('CREATE SCHEMA sales');
});
afterAll(() => bench?.close());

const reasons = async (run: BenchRun) =>
  (await rejectedRows(run)).map(({ reason, row }) => [row.id, [reason.rule, reason.column].filter(Boolean).join(' ')]);

describe('when there is nothing to load, the load is skipped and the message says so', () => {
  const TABLE = 'CREATE TABLE sales.NAME (id int, note text, updated_at timestamptz NOT NULL)';
  const skipped = async (run: BenchRun) => {
    expect(run).toMatchObject({ status: 'SUCCEEDED', alerts: [], counts: { cleaned: 0, loaded: 0 } });
    expect(run.states.map(({ name }) => name)).not.toContain('Load: Submit');
    expect(run.notifications).toHaveLength(1);
    expect(run.notifications[0]!.message).toContain('No records: the load was skipped.');
    expect(await loadedRows(run.out)).toBeUndefined();
  };

  test.each<[string, Partial<TablePipeline>]>([
    ['with Parquet', { mode: LoadMode.upsert('id'), parquet: { partitionBy: ['note'] } }],
    ['without Parquet', { parquet: false }],
    ['incrementally', { extract: { table: 'sales.empty', incremental: Incremental.by('updated_at') }, mode: LoadMode.append() }],
  ])('an empty table, %s', async (_, pipeline) => {
    await bench.sql(`${TABLE.replace('NAME', 'empty').replace('TABLE', 'TABLE IF NOT EXISTS')}`);
    const run = await bench.run({ extract: { table: 'sales.empty' }, clean: { rules: [CleanRule.unique('id')] }, ...pipeline });
    await skipped(run);
    expect(run.counts).toMatchObject({ extracted: 0, rejected: 0, deduplicated: 0 });
    expect(run.notifications[0]!.message).toContain('No row was rejected.');
  });

  test.each<[string, Partial<TablePipeline>]>([
    ['with Parquet', {}],
    ['without Parquet', { parquet: false }],
  ])('rows that no rule accepts, %s', async (name, pipeline) => {
    const table = name === 'with Parquet' ? 'refused' : 'refused_too';
    await bench.sql(`${TABLE.replace('NAME', table)}; INSERT INTO sales.${table} VALUES (1, NULL, now()), (2, '  ', now()), (NULL, 'x', now())`);
    const clean = { rules: [CleanRule.trim(), CleanRule.nullIfBlank(), CleanRule.required('note', 'id'), CleanRule.unique('id')] };
    const run = await bench.run({ extract: { table: `sales.${table}`, partSize: Size.bytes(1) }, clean, ...pipeline });
    await skipped(run);
    expect(run.counts).toMatchObject({ extracted: 3, rejected: 3, deduplicated: 0 });
    expect(await reasons(run)).toEqual([
      ['1', 'required note'],
      ['2', 'required note'],
      [null, 'required id'],
    ]);
    expect(run.notifications[0]!.message).toContain(`Rejected rows, with reasons: ${run.dataset!.rejects}`);
  });

  test('unless more may not be rejected: then the run fails once, with the reasons', async () => {
    await bench.sql(`${TABLE.replace('NAME', 'limited')}; INSERT INTO sales.limited VALUES (1, NULL, now()), (2, NULL, now()), (3, 'x', now())`);
    const run = await bench.run({ extract: { table: 'sales.limited' }, clean: { rules: [CleanRule.required('note')], maxRejectedShare: 0.5 } });
    const says = ["2 of 3 rows (66.67 %) were rejected, allowed are 50 %; most often by required of 'note' (2)", 'look at the rows in'];
    expectFailure(run, { state: 'Clean: Finish', attempts: 1, error: 'TooManyRejects', says });
  });
});

test('the demo with no rows at all succeeds, and says that the load was skipped', async () => {
  let stdout = '';
  const quiet = { write: () => {} };
  const argv = ['--out', bench.newFolder(), '--rows', '0', '--fast', '--json'];
  const write = (text: string) => {
    stdout += text;
  };
  const code = await demo({
    root: join(__dirname, '..', '..'),
    argv,
    stdout: { write },
    stderr: quiet,
    color: false,
    abort: new AbortController().signal,
  });
  const { status, counts, notifications } = JSON.parse(stdout);
  expect({ code, status }).toEqual({ code: 0, status: 'SUCCEEDED' });
  expect(counts).toEqual({ extracted: 0, cleaned: 0, rejected: 0, deduplicated: 0, converted: 0, loaded: 0 });
  expect(notifications[0].message).toContain('No records: the load was skipped.');
});

describe('values that Redshift cannot hold', () => {
  const BAD = [
    ['numeric(10,2)', "'NaN'"],
    ['timestamp', "'infinity'"],
    ['timestamp', "'-infinity'"],
    ['timestamptz', "'infinity'"],
    ['date', "'infinity'"],
    ['date', "'10000-01-01'"],
    ['timestamp', "'12345-06-07 08:09:10'"],
    ['timestamptz', "'0044-03-15 12:00:00+00 BC'"],
    ['date', "'0001-12-31 BC'"],
    ['time', "'24:00:00'"],
    ['text', `repeat('x', 65536)`],
    ['text', `repeat('é', 32768)`],
  ] as const;
  const GOOD = [
    ['numeric(10,2)', "'-0.01'"],
    ['timestamp', "'9999-12-31 23:59:59.999999'"],
    ['timestamp', "'0001-01-01 00:00:00'"],
    ['timestamptz', "'2024-02-29 23:59:59.5-12:00'"],
    ['date', "'9999-12-31'"],
    ['date', "'0001-01-01'"],
    ['timestamp', "'1969-12-31 23:59:59.000001'"],
    ['timestamptz', "'0001-01-01 00:00:00+00'"],
    ['date', "'1582-10-10'"],
    ['time', "'23:59:59.999999'"],
    ['text', `repeat('x', 65535)`],
    ['text', `'\\u0000 as text, quote " and ' || chr(10) || ' newline'`],
  ] as const;

  beforeAll(async () => {
    const columns = BAD.map(([type], index) => `c${index} ${type}`).join(', ');
    const rows = BAD.map((_, row) => `(${row}, ${GOOD.map(([, good], index) => (index === row ? BAD[index]![1] : good)).join(', ')})`);
    await bench.sql(`
      CREATE TABLE sales.extremes (id int, ${columns});
      INSERT INTO sales.extremes VALUES ${rows.join(', ')}, (100, ${GOOD.map(([, good]) => good).join(', ')}), (101, ${GOOD.map(() => 'NULL').join(', ')})`);
  });

  test.each<[string, Partial<TablePipeline>]>([
    ['with Parquet', {}],
    ['without Parquet', { parquet: false }],
  ])('are rejected by column, and their neighbours arrive exactly, %s', async (_, pipeline) => {
    const run = await bench.run({ extract: { table: 'sales.extremes' }, ...pipeline });
    expect(run).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: BAD.length + 2, rejected: BAD.length, loaded: 2 } });
    expect(await reasons(run)).toEqual(BAD.map(([type], row) => [String(row), `${type === 'text' ? 'overlong' : 'type'} c${row}`]));
    const texts = GOOD.map((_, index) => `c${index}::text`).join(', ');
    const source = await bench.sql(`SELECT id, ${texts} FROM sales.extremes WHERE id >= 100 ORDER BY id`);
    expect(await loadedRows(run.out)).toEqual(source);
  });

  test('of floating point arrive as they are: not a number, infinite and the smallest', async () => {
    await bench.sql(`CREATE TABLE sales.floats (id int, d double precision, r real);
      INSERT INTO sales.floats VALUES (1, 'NaN', 'NaN'), (2, 'Infinity', '-Infinity'), (3, 5e-324, 1e-45), (4, 1.7976931348623157e308, 3.4028235e38), (5, 0.1, 0.1)`);
    for (const parquet of [undefined, false] as const) {
      const run = await bench.run({ extract: { table: 'sales.floats' }, parquet });
      expect(run.counts).toMatchObject({ extracted: 5, loaded: 5 });
      const rows = await loadedRows(run.out);
      expect(rows!.map(({ d }) => String(d))).toEqual(['NaN', 'Infinity', '5e-324', '1.7976931348623157e+308', '0.1']);
      expect(rows!.map(({ r }) => Math.fround(Number(r)))).toEqual(
        ['NaN', '-Infinity', '1e-45', '3.4028235e38', '0.1'].map((text) => Math.fround(Number(text))),
      );
    }
  });
});

test('text that is too long after cleaning is rejected by its bytes, what fits once it is trimmed is loaded', async () => {
  await bench.sql(`CREATE TABLE sales.notes (id int, note text);
    INSERT INTO sales.notes VALUES (1, 'abcde'), (2, '   abcde   '), (3, 'abcdef'), (4, 'ééé'), (5, 'éé'), (6, '🎂x'), (7, '🎂xy')`);
  const run = await bench.run({ extract: { table: 'sales.notes' }, clean: { rules: [CleanRule.trim(), CleanRule.cast('note', 'varchar(5)')] } });
  expect(run.counts).toMatchObject({ extracted: 7, rejected: 3, loaded: 4 });
  expect(await reasons(run)).toEqual([
    ['3', 'cast note'],
    ['4', 'cast note'],
    ['7', 'cast note'],
  ]);
  expect((await loadedRows(run.out))!.map(({ note }) => note)).toEqual(['abcde', 'abcde', 'éé', '🎂x']);
});

test('a key that is there twice, in one part or in two, is counted apart from what is rejected', async () => {
  await bench.sql(`CREATE TABLE sales.twice (id int, note text);
    INSERT INTO sales.twice SELECT n % 40, CASE WHEN n % 10 = 0 THEN NULL ELSE 'note ' || n END FROM generate_series(0, 99) n`);
  const clean = { rules: [CleanRule.required('note'), CleanRule.unique('id')] };
  const run = await bench.run({ extract: { table: 'sales.twice', partSize: Size.bytes(300) }, clean, mode: LoadMode.upsert('id') });
  expect(
    readdirSync(join(run.out, 's3'), { recursive: true }).filter((name) => /Extract.*part-.*\.txt\.gz$/.test(String(name))).length,
  ).toBeGreaterThan(1);
  expect(run.counts).toEqual({ extracted: 100, rejected: 10, cleaned: 36, deduplicated: 54, converted: 36, loaded: 36 });
  expect(await loadedRows(run.out)).toHaveLength(36);
});

test('a row without its key fails the load, which says how many there are, and the table stays as it is', async () => {
  await bench.sql(`CREATE TABLE sales.keyless (id int, note text); INSERT INTO sales.keyless VALUES (1, 'a'), (NULL, 'b'), (NULL, 'c')`);
  const run = await bench.run({ extract: { table: 'sales.keyless' }, mode: LoadMode.upsert('id') });
  const says = ['key check failed: 2 rows have no value in the key'];
  expectFailure(run, { state: 'Load: Transaction', attempts: 3, error: 'Redshift.StatementFailed', says });
  expect(await loadedRows(run.out)).toBeUndefined();
});
