import { TestWarehouse } from '../../support/warehouse';

jest.setTimeout(30_000);

let on: TestWarehouse;
beforeEach(async () => {
  on = await TestWarehouse.open();
  await on.done('CREATE TABLE t (id int)', 'INSERT INTO t VALUES (1), (2)', 'CREATE TABLE u (id int)', 'INSERT INTO u VALUES (1)');
});
afterEach(() => on.close());

/** Submits batches before the first of them has ended, and tells their errors. */
async function atOnce(...batches: string[][]): Promise<(string | undefined)[]> {
  const ids = await Promise.all(batches.map((sqls) => on.submit(sqls)));
  const errors: (string | undefined)[] = [];
  for (const id of ids) errors.push((await on.ended(id)).Error);
  return errors;
}
const VIOLATION = expect.stringMatching(
  /ERROR: 1023 DETAIL: Serializable isolation violation on table - \d+, transactions forming the cycle are: \d+, \d+ \(pid:\d+\)$/,
);

test.each([
  ['DELETE', 'DELETE FROM t WHERE id = 1'],
  ['UPDATE', 'UPDATE t SET id = 7 WHERE id = 1'],
  ['MERGE', 'MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN UPDATE SET id = u.id WHEN NOT MATCHED THEN INSERT (id) VALUES (u.id)'],
])('%s of a table that a batch beside it changed is a serializable isolation violation, and leaves nothing', async (_, change) => {
  expect(await atOnce(['INSERT INTO t VALUES (3)'], ['INSERT INTO u VALUES (9)', change])).toEqual([undefined, VIOLATION]);
  expect(await on.rows('SELECT id FROM t ORDER BY 1')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(await on.rows('SELECT id FROM u')).toEqual([{ id: 1 }]);
});

test('rows that are only added conflict with nothing', async () => {
  expect(await atOnce(['DELETE FROM t WHERE id = 1'], ['INSERT INTO t VALUES (3)'], ['INSERT INTO t VALUES (4)'])).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('other tables, temporary ones, and changes that failed or hit no row conflict with nothing', async () => {
  const staged = ['CREATE TEMP TABLE s (id int)', 'INSERT INTO s VALUES (1)', 'DELETE FROM s'];
  const failing = ['DELETE FROM t', 'SELECT 1 FROM missing'];
  const errors = await atOnce(failing, ['DELETE FROM t WHERE id = 99'], [...staged, 'DELETE FROM u'], [...staged, 'DELETE FROM t']);
  expect(errors).toEqual([expect.stringContaining('relation "missing" does not exist'), undefined, undefined, undefined]);
});

test('one after the other nothing conflicts', async () => {
  for (const sql of ['DELETE FROM t', 'INSERT INTO t VALUES (1)', 'DELETE FROM t']) await on.done(sql);
});
