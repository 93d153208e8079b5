import { CleanRule, Incremental, LoadMode } from '../../lib';
import { Bench, expectFailure, loadedRows, type TablePipeline } from './support';

jest.setTimeout(180_000);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open(`
    CREATE SCHEMA sales;
    CREATE TABLE sales.orders (order_id int PRIMARY KEY, total numeric(12,2), note text, updated_at timestamptz NOT NULL);
    INSERT INTO sales.orders VALUES (1, 9.99, 'a', '2025-01-01'), (2, 10, NULL, '2025-01-02');
    CREATE TABLE sales.shapes (id int, span interval, price money, tags int[], raw bytea, total numeric, prices money[]);
  `);
});
afterAll(() => bench?.close());

const table = 'sales.orders';
const MISSING = "table 'sales.orders' has no column";

describe('a name that is not there is told with what is there, after one try', () => {
  test.each<[string, TablePipeline, { state: string; error: string; says: string[] }]>([
    [
      'table',
      { extract: { table: 'sales.ordres' } },
      {
        state: 'Extract: Run',
        error: 'SourceNotFound',
        says: ["there is no table or view 'sales.ordres' that the user may see - did you mean 'sales.orders'"],
      },
    ],
    [
      'schema',
      { extract: { table: 'orders' } },
      { state: 'Extract: Run', error: 'SourceNotFound', says: ["no table or view 'orders'", "did you mean 'sales.orders'?"] },
    ],
    [
      'column to extract',
      { extract: { table, columns: ['order_id', 'totl'] } },
      { state: 'Extract: Run', error: 'SourceNotFound', says: [`${MISSING} 'totl' - did you mean 'total'`] },
    ],
    [
      'column to leave out',
      { extract: { table, excludeColumns: ['comment'] } },
      { state: 'Extract: Run', error: 'SourceNotFound', says: [`${MISSING} 'comment'; it has 'order_id', 'total', 'note', 'updated_at'`] },
    ],
    [
      'incremental column',
      { extract: { table, incremental: Incremental.by('updated') } },
      { state: 'Extract: Run', error: 'SourceNotFound', says: [`${MISSING} 'updated'`, "'updated_at'"] },
    ],
    [
      'column of a rule',
      { extract: { table }, clean: { rules: [CleanRule.trim(), CleanRule.required('order_nr')] } },
      {
        state: 'Clean: Part',
        error: 'InvalidInput',
        says: ["rule 2 (required): no column 'order_nr'; the dataset has 'order_id', 'total', 'note', 'updated_at'"],
      },
    ],
    [
      'partition column',
      { extract: { table }, parquet: { partitionBy: ['order_date'] } },
      {
        state: 'Parquet: Convert',
        error: 'States.QueryEvaluationError',
        says: [
          "partition column 'order_date' is not in the dataset; its columns of type smallint, integer, bigint, boolean, date, varchar are 'order_id', 'note'",
        ],
      },
    ],
    [
      'key column',
      { extract: { table }, mode: LoadMode.upsert('order_nr') },
      {
        state: 'Load: Transaction',
        error: 'States.QueryEvaluationError',
        says: ["key column 'order_nr' is not in the dataset; its columns are 'order_id', 'total', 'note', 'updated_at'"],
      },
    ],
  ])('%s', async (_, pipeline, expected) => {
    const run = await bench.run(pipeline);
    expectFailure(run, { ...expected, attempts: 1 });
    expect(await loadedRows(run.out)).toBeUndefined();
  });
});

test('types that Redshift cannot hold are named together, with what to do', async () => {
  const run = await bench.run({ extract: { table: 'sales.shapes' } });
  expectFailure(run, {
    state: 'Extract: Run',
    attempts: 1,
    error: 'UnsupportedType',
    says: ["'price' is money, whose text depends on a setting of the database; 'prices' is money[], whose", 'excludeColumns'],
  });
  const without = await bench.run({ extract: { table: 'sales.shapes', excludeColumns: ['price', 'prices'] } });
  expect(without).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 0, loaded: 0 } });
});

describe('names with quotes, semicolons and the like', () => {
  const NAMES = [`or"der; DROP TABLE sales.orders; --`, `it's`, 'a "b"', 'back\\slash', '{% $x %}', 'ünï cödé', 'select', 'x.y', '$dataset', "'||'"];
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const schema = quote(`od"d; schema`);
  const name = quote(`ta"ble'; DROP TABLE sales.orders; --`);

  beforeAll(async () => {
    const columns = NAMES.map((column) => `${quote(column)} varchar(20)`).join(', ');
    const row = (n: number) => NAMES.map((_, index) => `'v${n}-${index}'`).join(', ');
    await bench.sql(
      `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.${name} (${columns}); INSERT INTO ${schema}.${name} VALUES (${row(1)}), (${row(2)})`,
    );
  });

  const expected = [1, 2].map((n) => Object.fromEntries(NAMES.map((column, index) => [column.toLowerCase(), `v${n}-${index}`])));

  test.each<[string, Partial<TablePipeline>]>([
    ['with Parquet, by upsert', { mode: LoadMode.upsert(NAMES[0]!, NAMES[3]!), parquet: { partitionBy: [NAMES[2]!, NAMES[7]!] } }],
    ['without Parquet', { parquet: false }],
  ])('go through whole %s', async (_, pipeline) => {
    const rules = [CleanRule.trim(...NAMES), CleanRule.required(...NAMES), CleanRule.unique(NAMES[0]!, NAMES[1]!)];
    const target = `${quote('ware"house; --')}.${name}`;
    const run = await bench.run({ extract: { table: `${schema}.${name}`, columns: NAMES }, clean: { rules }, target, ...pipeline });
    expect(run).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 2, loaded: 2 } });
    expect(await loadedRows(run.out, target)).toEqual(expected);
    expect(await bench.sql('SELECT count(*)::int AS rows FROM sales.orders')).toEqual([{ rows: 2 }]);
  });

  test('are told when they are not there', async () => {
    const run = await bench.run({ extract: { table: 'sales."orders; DROP TABLE x"' } });
    const says = [`there is no table or view 'sales."orders; DROP TABLE x"' that the user may see`];
    expectFailure(run, { state: 'Extract: Run', attempts: 1, error: 'SourceNotFound', says });
  });
});
