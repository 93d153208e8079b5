import { TestWarehouse } from '../../support/warehouse';

let on: TestWarehouse;
beforeEach(async () => {
  on = await TestWarehouse.open();
  await on.done(
    'CREATE SCHEMA a',
    'CREATE TABLE a.t (id int, kind varchar(4), n int)',
    'CREATE TABLE s (id int, kind varchar(9), n int)',
    "INSERT INTO a.t VALUES (1, 'x', 1), (1, 'y', 1), (2, 'x', 1), (NULL, 'x', 1)",
    "INSERT INTO s VALUES (1, 'x', 10), (3, 'x', 30), (NULL, 'x', 50)",
  );
});
afterEach(() => on.close());

const BOTH =
  'WHEN MATCHED THEN UPDATE SET n = CASE WHEN s.n > 5 THEN s.n ELSE 5 END WHEN NOT MATCHED THEN INSERT (id, kind, n) VALUES (s.id, s.kind, s.n)';
const ON = 'ON "a"."t"."id" = "s"."id" AND "a"."t"."kind" = "s"."kind"';
const table = () => on.rows('SELECT id, kind, n FROM a.t ORDER BY id, kind, n');

test('updates what matches on every key and inserts the rest; NULL matches nothing', async () => {
  const { SubStatements } = await on.done(`MERGE INTO "a"."t" USING s ${ON} ${BOTH}`);
  expect(SubStatements[0]?.ResultRows).toBe(3);
  expect(await table()).toEqual([
    { id: 1, kind: 'x', n: 10 },
    { id: 1, kind: 'y', n: 1 },
    { id: 2, kind: 'x', n: 1 },
    { id: 3, kind: 'x', n: 30 },
    { id: null, kind: 'x', n: 1 },
    { id: null, kind: 'x', n: 50 },
  ]);
});

test('deletes what matches, with an alias of the source', async () => {
  await on.done(
    'MERGE INTO a.t USING s AS new ON a.t.id = new.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (new.id, new.kind, new.n)',
  );
  expect((await table()).map(({ id }) => id)).toEqual([2, 3, null, null]);
});

test('fails when several source rows match one target row, but not when they match none', async () => {
  await on.done("INSERT INTO s VALUES (7, 'x', 1), (7, 'x', 2)");
  await on.done(`MERGE INTO a.t USING s ${ON} ${BOTH}`);
  expect(await on.error(`MERGE INTO a.t USING s ${ON} ${BOTH}`)).toContain('Found multiple matches to update the same tuple');
});

test('REMOVE DUPLICATES replaces what matches by the distinct rows of the source', async () => {
  await on.done("INSERT INTO s VALUES (1, 'x', 10)", `MERGE INTO a.t USING s ${ON} REMOVE DUPLICATES`);
  expect((await table()).filter(({ id }) => id !== null)).toEqual([
    { id: 1, kind: 'x', n: 10 },
    { id: 1, kind: 'y', n: 1 },
    { id: 2, kind: 'x', n: 1 },
    { id: 3, kind: 'x', n: 30 },
  ]);
});

test('checks lengths of what it writes', async () => {
  await on.done("UPDATE s SET kind = 'longer'");
  expect(await on.error(`MERGE INTO a.t USING s ${ON} ${BOTH}`)).toContain('value too long for type character varying(4)');
  expect(await table()).toHaveLength(4);
});

test.each([
  ['an alias of the target', `MERGE INTO a.t x USING s ON x.id = s.id ${BOTH}`, 'the target of MERGE takes no alias'],
  ['a subquery as source', `MERGE INTO a.t USING (SELECT 1 AS id) s ON a.t.id = s.id ${BOTH}`, 'must be a table, not a subquery'],
  ['only WHEN MATCHED', `MERGE INTO a.t USING s ${ON} WHEN MATCHED THEN DELETE`, 'needs both WHEN MATCHED'],
  ['only WHEN NOT MATCHED', `MERGE INTO a.t USING s ${ON} WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.kind, s.n)`, 'needs both WHEN MATCHED'],
  [
    'a condition in WHEN MATCHED',
    `MERGE INTO a.t USING s ${ON} ${BOTH.replace('WHEN MATCHED', 'WHEN MATCHED AND s.n > 1')}`,
    'takes no condition of its own',
  ],
  [
    'a condition in WHEN NOT MATCHED',
    `MERGE INTO a.t USING s ${ON} ${BOTH.replace('WHEN NOT MATCHED', 'WHEN NOT MATCHED AND s.n > 1')}`,
    'takes no condition',
  ],
  ['an unequal join', `MERGE INTO a.t USING s ON a.t.id > s.id ${BOTH}`, 'other than equal columns'],
  ['OR in the join', `MERGE INTO a.t USING s ON a.t.id = s.id OR a.t.n = s.n ${BOTH}`, 'other than equal columns'],
  ['a missing source', `MERGE INTO a.t USING nothing ON a.t.id = nothing.id ${BOTH}`, 'relation "nothing" does not exist'],
])('%s is refused', async (_, sql, message) => {
  expect(await on.error(sql)).toContain(message);
});
