import { TestWarehouse } from '../../support/warehouse';

let on: TestWarehouse;
beforeEach(async () => {
  on = await TestWarehouse.open();
  await on.done('CREATE TABLE t (id int, name varchar(10))', "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
});
afterEach(() => on.close());

const names = async () => (await on.rows('SELECT name FROM t ORDER BY name')).map(({ name }) => name);
const value = async (expression: string) => (await on.rows(`SELECT ${expression} AS v`))[0]?.v;

describe('a batch', () => {
  test('is one transaction: all of it or nothing', async () => {
    const { Error: error, SubStatements } = await on.batch(
      "INSERT INTO t VALUES (3, 'c')",
      'CREATE TABLE u (a int)',
      'SELECT * FROM nothing',
      'DROP TABLE t',
    );
    expect(error).toBe('Query #3 failed with ERROR: relation "nothing" does not exist');
    expect(SubStatements.map(({ Status }) => Status)).toEqual(['FINISHED', 'FINISHED', 'FAILED', 'ABORTED']);
    expect(SubStatements[2]?.Error).toBe('ERROR: relation "nothing" does not exist');
    expect(await names()).toEqual(['a', 'b']);
    expect(await on.warehouse.describeTable('public', 'u')).toBeUndefined();
  });

  test('of those submitted at once that change one table goes through, the others leave nothing', async () => {
    const copyAll = ['CREATE TEMP TABLE s (LIKE t)', 'INSERT INTO s SELECT * FROM t', 'DELETE FROM t', 'INSERT INTO t SELECT id + 1, name FROM s'];
    const ids = await Promise.all(Array.from({ length: 8 }, () => on.submit(copyAll)));
    const errors = await Promise.all(ids.map(async (id) => (await on.ended(id)).Error));
    expect(errors).toEqual([undefined, ...Array(7).fill(expect.stringContaining('Query #3 failed with ERROR: 1023'))]);
    expect(await on.rows('SELECT id FROM t ORDER BY id')).toEqual([{ id: 2 }, { id: 3 }]);
  });

  test.each([
    ['TRUNCATE t', 'TRUNCATE commits the transaction it is in'],
    ['ALTER TABLE t APPEND FROM u', 'ALTER TABLE APPEND cannot run inside a transaction block'],
    ['VACUUM t', 'VACUUM cannot run inside a transaction block'],
    ['BEGIN', 'BEGIN is not allowed: a batch is one transaction already'],
    ['COMMIT', 'COMMIT is not allowed'],
    ['ROLLBACK', 'ROLLBACK is not allowed'],
    ['SELECT 1; SELECT 2', 'a SQL text holds one statement, got several'],
    ['-- nothing', 'the SQL text is empty'],
    ['CALL p()', 'statement CALL is not known'],
    ["ATTACH 'x.db'", 'statement ATTACH is not known'],
    ['PRAGMA database_list', 'statement PRAGMA is not known'],
  ])('refuses %s', async (sql, message) => {
    expect(await on.error('DELETE FROM t', sql)).toContain(message);
    expect(await names()).toEqual(['a', 'b']);
  });

  test('lets a lone TRUNCATE and VACUUM through', async () => {
    await on.rows('VACUUM t');
    await on.rows('TRUNCATE TABLE t');
    expect(await names()).toEqual([]);
  });
});

describe('names', () => {
  test('have a case in the letters of ASCII only', async () => {
    await on.done('CREATE TABLE folded ("İÀ Z" INTEGER, "iz" INTEGER)');
    expect((await on.warehouse.describeTable('public', 'FOLDED'))!.map(({ name }) => name)).toEqual(['İÀ z', 'iz']);
  });

  test.each([
    ['"a\nb"', 'an identifier holds a character that is not printable'],
    ['oid', 'column name "oid" conflicts with a system column name'],
    ['"XMIN"', 'column name "xmin" conflicts with a system column name'],
  ])('that Redshift does not take are refused: %j', async (name, says) => {
    expect(await on.error(`CREATE TABLE unnamed (${name} INTEGER)`)).toContain(says);
  });

  test('fold to lower case, quoted ones too', async () => {
    await on.done('CREATE TABLE "MixedCase" ("Order ID" int, "say ""hi"", {x}" int)', 'INSERT INTO mixedCASE ("order id") VALUES (1)');
    expect(await on.rows('SELECT * FROM "mixedcase"')).toEqual([{ 'order id': 1, 'say "hi", {x}': null }]);
  });

  test('longer than 127 bytes are refused', async () => {
    expect(await on.error(`SELECT 1 AS "${'é'.repeat(64)}"`)).toContain('identifier of 128 bytes is too long');
  });
});

describe('DML', () => {
  test('INSERT takes values, a query and a column list', async () => {
    await on.done("INSERT INTO t (name, id) SELECT 'c', 3", "INSERT INTO t (SELECT 4, 'd')", "INSERT INTO t VALUES (5, 'it''s;--\"e\"')");
    expect(await names()).toEqual(['a', 'b', 'c', 'd', 'it\'s;--"e"']);
  });

  test('UPDATE takes FROM, DELETE takes USING but no alias', async () => {
    await on.done("CREATE TEMP TABLE s AS SELECT 1 AS id, 'z' AS name", 'UPDATE t SET name = s.name FROM s WHERE t.id = s.id');
    expect(await names()).toEqual(['b', 'z']);
    await on.done('CREATE TEMP TABLE s AS SELECT 1 AS id', 'DELETE FROM t USING s WHERE t.id = s.id');
    expect(await names()).toEqual(['b']);
    expect(await on.error('DELETE FROM t x WHERE x.id = 1')).toContain('takes no alias');
  });

  test('text over the declared bytes is an error after every kind of write', async () => {
    for (const sql of ["INSERT INTO t VALUES (3, 'éééééé')", "UPDATE t SET name = name || '1234567890'"]) {
      expect(await on.error(sql)).toContain('value too long for type character varying(10): column "name" would hold a value of 1');
    }
    await on.done("INSERT INTO t VALUES (3, 'ééééé')");
  });
});

describe('expressions', () => {
  test('mean what they mean on Redshift', async () => {
    expect(await value('7 / 2')).toBe(3);
    expect(await value('7.0 / 2')).toBe(3.5);
    expect(await value("len('é') || '/' || octet_length('é')")).toBe('1/2');
    expect(await value("nvl(NULL, 'x')")).toBe('x');
    expect(await value("CAST('12' AS INTEGER) + '3'::int2")).toBe(15);
    expect(await value('CAST(1.5 AS float8)')).toBe(1.5);
    expect(await value('count(*) OVER (PARTITION BY 1)')).toBe('1');
    expect(await value("(getdate() > SYSDATE - interval '1 day')")).toBe(true);
    expect(await value("NULL || 'x'")).toBeNull();
    expect(await value('7 % 4 + 8 / NULLIF(2, 0)')).toBe(7);
  });

  test.each([
    ['1 / 0', 'by something that may be zero'],
    ['1 / (2 - 2)', 'by something that may be zero'],
    ["'a\\b'", 'a backslash in a string'],
    ["CAST('abc' AS VARCHAR(2))", 'a cast to varchar(2), which cuts silently'],
    ["'abc'::varchar(2)", 'a cast to varchar(2), which cuts silently'],
    ['avg(1)', 'function avg is not known'],
    ["concat('a', 'b')", 'function concat is not known'],
    ["read_text('/etc/hostname')", 'function read_text is not known'],
    ['[1, 2]', 'syntax error at or near "["'],
    ['count(*) FILTER (WHERE true)', 'FILTER is not known'],
    ["'unterminated", 'unterminated quoted string'],
    ['"unterminated', 'unterminated quoted identifier'],
    ['""', 'zero-length delimited identifier'],
  ])('%s is refused', async (expression, message) => {
    expect(await on.error(`SELECT ${expression}`)).toContain(message);
  });

  test.each([
    ["SELECT * FROM '/etc/passwd'", 'a table is named by an identifier, not by a string'],
    ['SELECT * FROM duckdb_tables', 'system object duckdb_tables is not known'],
    ['SELECT * FROM information_schema.columns', 'INFORMATION_SCHEMA is not known'],
    ['SELECT DISTINCT ON (id) * FROM t', 'DISTINCT ON is not known'],
    ['SELECT * INTO u FROM t', 'SELECT INTO is not known'],
    ['INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING', 'CONFLICT is not known'],
    ['DELETE FROM t WHERE id = 1 RETURNING *', 'RETURNING is not known'],
  ])('%s is refused', async (sql, message) => {
    expect(await on.error(sql)).toContain(message);
  });
});

describe('errors', () => {
  test('keep a message that the statement itself casts to a number', async () => {
    const error = await on.error("SELECT CAST('check failed: ' || COUNT(*) || ' of 7' AS INTEGER) FROM t");
    expect(error).toContain("Invalid digit, Value 'c', Pos 0, Type: Integer");
    expect(error).toContain('context: check failed: 2 of 7');
  });

  test.each([
    'SELECT CAST(name AS INTEGER) FROM t',
    "SELECT CAST('a prefix of the statement ' || name AS INTEGER) FROM t",
    'SELECT CAST(name AS DATE) FROM t',
    'SELECT CAST(name AS DECIMAL(4,2)) FROM t',
    'SELECT CAST(name AS BOOLEAN) FROM t',
    'SELECT CAST(id AS SMALLINT) FROM t WHERE id > 1000',
    'SELECT CAST(id AS DECIMAL(2,1)) FROM t WHERE id > 1000',
    'INSERT INTO t SELECT name, name FROM t',
    'SELECT json_parse(name) FROM t',
    'SELECT id * 2000000000 * id FROM t',
    'UPDATE t SET name = name || name || name',
  ])('hold no value of a row: %s', async (sql) => {
    await on.done('DELETE FROM t', "INSERT INTO t VALUES (7654321, 'canary')");
    const error = await on.error(sql);
    expect(error).not.toMatch(/canary|7654321/);
    expect(error).not.toContain('unknown error');
  });

  test('name what is not there', async () => {
    expect(await on.error('SELECT nope FROM t')).toContain('column "nope" does not exist');
    expect(await on.error('SELECT t.nope FROM t')).toContain('column "nope"');
    expect(await on.error('SELECT id FROM t a JOIN t b ON a.id = b.id')).toContain('column reference "id" is ambiguous');
    expect(await on.error('UPDATE t SET nope = 1')).toContain('column "nope"');
    expect(await on.error('INSERT INTO t (nope) VALUES (1)')).toContain('column "nope"');
    expect(await on.error('INSERT INTO t VALUES (1, 2, 3)')).toContain('has 2 columns');
    expect(await on.error('SELECT FROM WHERE')).toContain('syntax error');
  });
});
