import { TestWarehouse } from '../../support/warehouse';

let on: TestWarehouse;
beforeEach(async () => {
  on = await TestWarehouse.open();
});
afterEach(() => on.close());

describe('CREATE TABLE', () => {
  test('reads keys, distribution, sort order and encoding and enforces none of them but NOT NULL', async () => {
    await on.done(
      `CREATE TABLE t ("Id" bigint NOT NULL ENCODE az64 DISTKEY, a varchar(8) DEFAULT 'x' ENCODE lzo UNIQUE, b int REFERENCES other(id) SORTKEY, c int NULL,
       PRIMARY KEY (id, c), UNIQUE (a), FOREIGN KEY (b) REFERENCES other (id)) BACKUP NO DISTSTYLE KEY DISTKEY (id) COMPOUND SORTKEY (a, b)`,
      'INSERT INTO t (id, b, c) VALUES (1, 5, 1), (1, 5, 1)',
    );
    expect(await on.rows('SELECT * FROM t LIMIT 1')).toEqual([{ id: '1', a: 'x', b: 5, c: 1 }]);
    expect(await on.error('INSERT INTO t (id, c) VALUES (NULL, 1)')).toContain('Cannot insert a NULL value into column id');
    expect(await on.error('INSERT INTO t (id, c) VALUES (1, NULL)')).toContain('Cannot insert a NULL value into column c');
  });

  test('keeps every type that the contract between the steps has', async () => {
    await on.done(
      `CREATE TABLE t (a smallint, b integer, c bigint, d decimal(12,2), e real, f double precision, g boolean, h varchar(5), i date, j time, k timestamp, l timestamptz,
       m varchar, n varchar(max), o numeric, p float, q float4, r character varying(7), s timestamp with time zone, u super, v varbyte(3), w int2, x text)`,
    );
    const columns = await on.warehouse.describeTable('public', 'T');
    expect(columns?.map(({ type }) => type)).toEqual(
      `smallint integer bigint decimal(12,2) real double_precision boolean varchar(5) date time timestamp timestamptz
       varchar(256) varchar(65535) decimal(18,0) double_precision real varchar(7) timestamptz super varbyte(3) smallint varchar(256)`
        .split(/\s+/)
        .map((type) => type.replace('_', ' ')),
    );
  });

  test('IF NOT EXISTS leaves what is there, and without it fails', async () => {
    await on.done('CREATE TABLE t (a int)', 'CREATE TABLE IF NOT EXISTS t (b varchar(3))');
    expect(await on.warehouse.describeTable('public', 't')).toEqual([{ name: 'a', type: 'integer', nullable: true }]);
    expect(await on.error('CREATE TABLE t (a int)')).toContain('Relation "t" already exists');
  });

  test('TEMP lives for its batch only, and copies lengths and NOT NULL with LIKE', async () => {
    await on.done('CREATE TABLE t (a varchar(3) NOT NULL)');
    expect(await on.error('CREATE TEMP TABLE s (LIKE t)', "INSERT INTO s VALUES ('four')")).toContain('value too long for type character varying(3)');
    expect(await on.error('CREATE TABLE #s (LIKE t)', 'INSERT INTO #s VALUES (NULL)')).toContain('Cannot insert a NULL value into column a');
    await on.done('CREATE TEMPORARY TABLE s (LIKE t)');
    expect(await on.error('SELECT * FROM s')).toContain('relation "s" does not exist');
    expect(await on.error('CREATE TEMP TABLE public.s (a int)')).toContain('cannot create temporary relation in non-temporary schema');
  });

  test('TEMP hides a table of the same name', async () => {
    await on.done('CREATE TABLE s (a int)', 'INSERT INTO s VALUES (1)');
    await on.done('CREATE TEMP TABLE s (a int)', 'INSERT INTO s VALUES (2)', 'DELETE FROM s');
    expect(await on.rows('SELECT a FROM s')).toEqual([{ a: 1 }]);
  });

  test('AS takes columns and rows of a query', async () => {
    await on.done('CREATE TABLE t AS SELECT 1 AS a, sum(2) AS b UNION ALL SELECT 3, 4');
    expect(await on.warehouse.describeTable('public', 't')).toMatchObject([{ type: 'integer' }, { type: 'decimal(38,0)' }]);
    expect(await on.rows('SELECT sum(a) AS a FROM t')).toEqual([{ a: '4' }]);
  });

  test('IDENTITY numbers rows from its seed by its step', async () => {
    await on.done('CREATE TABLE t (id bigint IDENTITY(10, 5), a int)', 'INSERT INTO t (a) VALUES (1), (2)');
    expect(await on.rows('SELECT id FROM t ORDER BY id')).toEqual([{ id: '10' }, { id: '15' }]);
    await on.putParquet('s3://b/x.parquet', 'SELECT 3 AS a');
    await on.done("COPY t FROM 's3://b/x.parquet' IAM_ROLE default PARQUET");
    expect(await on.rows('SELECT id FROM t WHERE a = 3')).toEqual([{ id: '20' }]);
  });

  test.each([
    ['CREATE TABLE t (a char(3))', 'type char, which pads with blanks, is not known'],
    ['CREATE TABLE t (a varchar(65536))', 'length 65536 is not allowed; from 1 to 65535 bytes are'],
    ['CREATE TABLE t (a decimal(39,2))', 'DECIMAL precision 39 must be between 1 and 38'],
    ['CREATE TABLE t (a decimal(4,5))', 'DECIMAL scale 5 must be between 0 and the precision 4'],
    ['CREATE TABLE t (a hugeint)', 'type hugeint is not known'],
    ['CREATE TABLE nowhere.t (a int)', 'schema "nowhere" does not exist'],
    ['CREATE TABLE a.b.c (a int)', 'cross-database names are not known'],
    ['CREATE VIEW t AS SELECT 1', 'CREATE VIEW is not known'],
    ['CREATE TABLE t (a int) PARTITION BY (a)', 'syntax error at or near "partition"'],
  ])('%s is refused', async (sql, message) => {
    expect(await on.error(sql)).toContain(message);
  });
});

describe('other DDL', () => {
  test('ADD COLUMN keeps the declared length and rolls back with its batch', async () => {
    await on.done('CREATE TABLE t (a int)', 'INSERT INTO t VALUES (1)', 'ALTER TABLE t ADD COLUMN b varchar(2)');
    expect(await on.error("UPDATE t SET b = 'abc'")).toContain('value too long for type character varying(2)');
    expect(await on.error('ALTER TABLE t ADD COLUMN c int', 'SELECT 1 FROM nothing')).toContain('relation "nothing"');
    expect((await on.warehouse.describeTable('public', 't'))?.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(await on.error('ALTER TABLE t ADD COLUMN d int NOT NULL')).toContain('must have a non-null default expression');
    expect(await on.error('ALTER TABLE t DROP COLUMN a')).toContain('ALTER TABLE ... DROP is not known');
  });

  test('DROP takes tables and schemas away, IF EXISTS without complaint', async () => {
    await on.done('CREATE SCHEMA s', 'CREATE TABLE s.t (a int)', 'DROP TABLE s.t', 'DROP SCHEMA s', 'DROP TABLE IF EXISTS t');
    expect(await on.error('DROP TABLE t')).toContain('relation "t" does not exist');
  });

  test('statements that matter only with users or statistics pass', async () => {
    await on.done('CREATE TABLE t (a int)', 'GRANT SELECT ON t TO PUBLIC', 'ANALYZE t', 'LOCK t');
  });
});
