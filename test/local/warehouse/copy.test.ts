import { gzipSync } from 'node:zlib';
import { TestWarehouse } from '../../support/warehouse';

let on: TestWarehouse;
beforeAll(async () => {
  on = await TestWarehouse.open();
});
afterAll(() => on.close());
beforeEach(async () => {
  await on.done('DROP TABLE IF EXISTS t', 'CREATE TABLE t (id bigint NOT NULL, name varchar(4), total decimal(12,2))');
  await on.putParquet('s3://b/good.parquet', "SELECT 1::BIGINT AS x, 'a' AS y, 1.50::DECIMAL(12,2) AS z");
  on.putManifest('s3://b/m.json', 's3://b/good.parquet');
});

const FROM = "COPY t FROM 's3://b/m.json' IAM_ROLE default FORMAT AS PARQUET MANIFEST";

describe('COPY of Parquet', () => {
  test('goes by position, not by name', async () => {
    await on.done(FROM);
    expect(await on.rows('SELECT * FROM t')).toEqual([{ id: '1', name: 'a', total: '1.50' }]);
  });

  test('takes a role by ARN, a column list, STATUPDATE and a plain prefix', async () => {
    await on.putParquet('s3://b/many/a.parquet', "SELECT 'a' AS y, 2::BIGINT AS x");
    await on.putParquet('s3://b/many/[x]=1/b?.parquet', "SELECT 'b' AS other, 3::BIGINT AS names");
    await on.putParquet('s3://b/maybe.parquet', 'SELECT 9 AS x');
    const { SubStatements } = await on.done(
      `copy T (NAME, "ID") from 's3://b/many' iam_role 'arn:aws:iam::000000000000:role/r' format parquet statupdate off`,
    );
    expect(SubStatements[0]?.ResultRows).toBe(2);
    expect(await on.rows('SELECT id, name FROM t ORDER BY id')).toEqual([
      { id: '2', name: 'a' },
      { id: '3', name: 'b' },
    ]);
  });

  test.each([
    ['without a role', "COPY t FROM 's3://b/m.json' FORMAT PARQUET MANIFEST", 'add IAM_ROLE'],
    ['with REGION', `${FROM} REGION 'us-east-1'`, 'REGION argument is not supported for PARQUET based COPY'],
    ['with GZIP', `${FROM} GZIP`, 'GZIP argument is not supported for PARQUET based COPY'],
    ['with COMPUPDATE', `${FROM} COMPUPDATE OFF`, 'COMPUPDATE argument is not supported for PARQUET based COPY'],
    ['with an option it does not know', `${FROM} MAXERROR 5`, 'COPY option MAXERROR is not known'],
    ['into a table that is not there', FROM.replace('COPY t', 'COPY u'), 'relation "u" does not exist'],
    ['into a column that is not there', FROM.replace('COPY t', 'COPY t (nope)'), 'column "nope" of relation "t" does not exist'],
    ['from elsewhere', FROM.replace('s3://', 'emr://'), "give 's3://bucket/key'"],
    ['without a format', "COPY t FROM 's3://b/m.json' IAM_ROLE default", 'add FORMAT AS PARQUET, JSON or CSV'],
    ['from a prefix without objects', FROM.replace('m.json', 'none').replace('MANIFEST', ''), "The specified S3 prefix 's3://b/none' does not exist"],
  ])('%s is refused', async (_, sql, message) => {
    expect(await on.error(sql)).toContain(message);
  });

  test.each([
    ['fewer columns', "SELECT 1::BIGINT, 'a'", 'Unmatched number of columns between table and file. Table columns: 3, Data columns: 2'],
    ['more columns', "SELECT 1::BIGINT, 'a', 1::DECIMAL(12,2), 1", 'Table columns: 3, Data columns: 4'],
    [
      'a narrower integer',
      "SELECT 1::INTEGER, 'a', 1::DECIMAL(12,2)",
      "incompatible Parquet schema for column 'id'. Column type: BIGINT, Parquet type: INTEGER",
    ],
    ['another scale', "SELECT 1::BIGINT, 'a', 1::DECIMAL(12,3)", "for column 'total'. Column type: DECIMAL(12,2), Parquet type: DECIMAL(12,3)"],
    ['text for a number', "SELECT '1', 'a', 1::DECIMAL(12,2)", "for column 'id'"],
    [
      'too long a text',
      "SELECT 1::BIGINT, 'ééé', 1::DECIMAL(12,2)",
      'The length of the data column name is longer than the length defined in the table. Table: 4, Data: 6',
    ],
    ['NULL where none may be', "SELECT NULL::BIGINT, 'a', 1::DECIMAL(12,2)", 'Cannot insert a NULL value into column id'],
  ])('with %s fails', async (_, query, message) => {
    await on.putParquet('s3://b/bad.parquet', query);
    on.putManifest('s3://b/m.json', 's3://b/good.parquet', 's3://b/bad.parquet');
    expect(await on.error(FROM)).toContain(message);
    expect(await on.rows('SELECT * FROM t')).toEqual([]);
  });

  test('fills missing columns at the end with NULL when FILLRECORD says so', async () => {
    await on.putParquet('s3://b/short.parquet', "SELECT 1::BIGINT, 'a'");
    await on.done("COPY t FROM 's3://b/short.parquet' IAM_ROLE default PARQUET FILLRECORD");
    expect(await on.rows('SELECT * FROM t')).toEqual([{ id: '1', name: 'a', total: null }]);
  });

  test('of what is no Parquet fails without telling the path', async () => {
    on.put('s3://b/text.parquet', 'hello');
    const error = await on.error("COPY t FROM 's3://b/text.parquet' IAM_ROLE default PARQUET");
    expect(error).toContain("File 's3://b/text.parquet' is not a Parquet file");
    expect(error).not.toContain(on.folder);
  });

  test('does not load TIME, and loads both kinds of timestamp into both as UTC', async () => {
    await on.done('CREATE TABLE times (a timestamp, b timestamptz)', 'CREATE TABLE time_only (a time)');
    await on.putParquet('s3://b/times.parquet', "SELECT TIMESTAMPTZ '2026-01-01 12:00:00+02' AS a, TIMESTAMP '2026-01-01 12:00:00' AS b");
    await on.done("COPY times FROM 's3://b/times.parquet' IAM_ROLE default PARQUET");
    expect(await on.rows('SELECT * FROM times')).toEqual([{ a: '2026-01-01 10:00:00', b: '2026-01-01 12:00:00+00' }]);
    await on.putParquet('s3://b/time.parquet', "SELECT TIME '12:00:00' AS a");
    expect(await on.error("COPY time_only FROM 's3://b/time.parquet' IAM_ROLE default PARQUET")).toContain('does not load column "a" of type time');
  });

  test('tells how many rows the last one loaded', async () => {
    await on.putParquet('s3://b/good.parquet', "SELECT range::BIGINT, 'a', 1::DECIMAL(12,2) FROM range(7)");
    on.putManifest('s3://b/m.json', 's3://b/good.parquet');
    const { Id } = await on.done(FROM, 'SELECT pg_last_copy_count() AS n');
    expect(await on.call('getStatementResult', { Id: `${Id as string}:2` })).toMatchObject({ Records: [[{ LongValue: 7 }]] });
  });
});

describe('a manifest', () => {
  const entry = { url: 's3://b/good.parquet', mandatory: true, meta: { content_length: 1 } };
  const missing = { url: 's3://b/gone.parquet', meta: { content_length: 1 } };
  test.each<[string, unknown, string]>([
    ['without entries', { entries: [] }, 'no files found'],
    ['with only optional objects that are not there', { entries: [missing] }, 'no files found'],
    ['with a mandatory object that is not there', { entries: [{ ...missing, mandatory: true }] }, "mandatory object 's3://b/gone.parquet'"],
    ['without lengths', { entries: [{ url: entry.url }] }, "File entry does not have 'meta' key"],
    ['without content_length', { entries: [{ url: entry.url, meta: {} }] }, "does not have 'content_length'"],
    ['with another length', { entries: [entry] }, 'its manifest entry says content_length 1'],
    ['without a url', { entries: [{}] }, "entry 0 of manifest 's3://b/m.json' has no 'url'"],
    ['without a list', {}, "has no list 'entries'"],
  ])('%s fails the COPY', async (_, manifest, message) => {
    on.put('s3://b/m.json', JSON.stringify(manifest));
    expect(await on.error(FROM)).toContain(message);
  });

  test('that is not there or no JSON fails the COPY', async () => {
    on.put('s3://b/m.json', '{');
    expect(await on.error(FROM)).toContain('is not JSON');
    expect(await on.error(FROM.replace('m.json', 'gone.json'))).toContain('NoSuchKey');
  });

  test('may leave lengths out for text, but not give wrong ones', async () => {
    on.putLines('s3://b/a.jsonl.gz', [{ id: 1 }]);
    const sql = "COPY t FROM 's3://b/m.json' IAM_ROLE default FORMAT AS JSON 'auto' GZIP MANIFEST";
    on.put('s3://b/m.json', JSON.stringify({ entries: [{ url: 's3://b/a.jsonl.gz', mandatory: true }, { url: 's3://b/gone' }] }));
    await on.done(sql);
    on.put('s3://b/m.json', JSON.stringify({ entries: [{ url: 's3://b/a.jsonl.gz', meta: { content_length: 1 } }] }));
    expect(await on.error(sql)).toContain('content_length 1');
  });
});

describe('COPY of JSON lines', () => {
  const json = (options = '') => `COPY v FROM 's3://b/v.jsonl.gz' IAM_ROLE default FORMAT AS JSON 'auto' GZIP ${options}`;
  const load = async (type: string, value: unknown, options = '') => {
    await on.done('DROP TABLE IF EXISTS v', `CREATE TABLE v (v ${type})`);
    on.putLines('s3://b/v.jsonl.gz', [{ v: value }]);
    const end = await on.batch(json(options));
    return end.Error ?? (await on.rows('SELECT v FROM v'))[0]?.v;
  };

  test.each<[string, unknown, unknown]>([
    ['bigint', '9223372036854775807', '9223372036854775807'],
    ['integer', 5, 5],
    ['smallint', '-1', -1],
    ['decimal(38,10)', '1234567890123456789012345678.0123456789', '1234567890123456789012345678.0123456789'],
    ['decimal(12,2)', '1.239', '1.23'],
    ['decimal(12,0)', '-7', '-7'],
    ['real', '1.5', 1.5],
    ['double precision', '-1e300', -1e300],
    ['boolean', 't', true],
    ['boolean', 'f', false],
    ['boolean', true, true],
    ['date', '2026-01-02', '2026-01-02'],
    ['timestamp', '2026-01-02 03:04:05.678901', '2026-01-02 03:04:05.678901'],
    ['timestamptz', '2026-01-02 03:04:05.5+02', '2026-01-02 01:04:05.5+00'],
    ['time', '03:04:05', '03:04:05'],
    ['varchar(100)', `quotes '" , comma \\ back\nline é 🚀`, `quotes '" , comma \\ back\nline é 🚀`],
    ['varchar(100)', '', ''],
    ['varchar(100)', null, null],
    ['integer', null, null],
    ['super', { a: [1] }, '{"a":[1]}'],
  ])('reads %s %j', async (type, value, stored) => {
    expect(await load(type, value)).toEqual(stored);
  });

  test.each<[string, unknown]>([
    ['integer', '1.5'],
    ['integer', ''],
    ['integer', '2147483648'],
    ['smallint', '40000'],
    ['decimal(4,2)', '100'],
    ['decimal(12,2)', '1e3'],
    ['boolean', 'maybe'],
    ['date', '2026-13-01'],
    ['date', '02.01.2026'],
    ['timestamp', '2026-01-02T03:04:05Z'],
    ['timestamp', '2026-01-02 03:04:05+02'],
    ['timestamptz', '2026-01-02T03:04:05Z'],
    ['double precision', 'abc'],
  ])('refuses %s %j, naming column and type but no value', async (type, value) => {
    const error = String(await load(type, value));
    expect(error).toContain("Load into table 'v' failed.  Check 'sys_load_error_detail' system table for details.");
    expect(error).toContain(`column "v", ${type}`);
    if (value !== '') expect(error).not.toContain(String(value));
  });

  test("reads ISO 8601 times when TIMEFORMAT 'auto' says so", async () => {
    expect(await load('timestamptz', '2026-01-02T03:04:05Z', "TIMEFORMAT 'auto'")).toBe('2026-01-02 03:04:05+00');
  });

  test('refuses too long a text, counting bytes', async () => {
    expect(await load('varchar(4)', 'éé')).toBe('éé');
    expect(await load('varchar(4)', 'ééé')).toContain('column "v", varchar(4): String length exceeds DDL length');
  });

  test('matches keys exactly, missing ones are NULL; with ignorecase any case', async () => {
    on.putLines('s3://b/k.gz', [{ id: '1', NAME: 'a', 'to/t~al': 1, extra: 1 }]);
    await on.done('DROP TABLE IF EXISTS k', 'CREATE TABLE k ("ID" int, name varchar, "to/t~al" int)');
    await on.done("COPY k FROM 's3://b/k.gz' IAM_ROLE default JSON 'auto' GZIP");
    await on.done("COPY k FROM 's3://b/k.gz' IAM_ROLE default JSON AS 'auto ignorecase' GZIP");
    expect(await on.rows('SELECT * FROM k ORDER BY name')).toEqual([
      { id: 1, name: 'a', 'to/t~al': 1 },
      { id: 1, name: null, 'to/t~al': 1 },
    ]);
  });

  test.each([
    ['a list', '[1]'],
    ['cut JSON', '{"v":"canary-7'],
  ])('with %s as a line fails without the line', async (_, line) => {
    await on.done('DROP TABLE IF EXISTS v', 'CREATE TABLE v (v varchar)');
    on.putLines('s3://b/v.jsonl.gz', [line]);
    const error = await on.error(json());
    expect(error).toContain("Load into table 'v' failed.");
    expect(error).not.toMatch(/canary|jsonl|\[1\]/);
  });

  test('of gzip data that is cut fails', async () => {
    await on.done('DROP TABLE IF EXISTS v', 'CREATE TABLE v (v varchar)');
    const whole = gzipSync('{"v":"a"}\n'.repeat(1000));
    on.put('s3://b/v.jsonl.gz', whole.subarray(0, whole.length - 9));
    expect(await on.error(json())).toContain("'s3://b/v.jsonl.gz' is not whole gzip data");
  });
});

test('COPY of CSV reads quoted fields, NULL texts and empty fields', async () => {
  on.put('s3://b/x.csv', 'id,name,total\n1,"a,"",b",1.5\n2,\\N,\n');
  await on.done('DROP TABLE IF EXISTS x', 'CREATE TABLE x (id int, name varchar(9), total decimal(4,1))');
  await on.done("COPY x FROM 's3://b/x.csv' IAM_ROLE default CSV IGNOREHEADER 1");
  expect(await on.rows('SELECT * FROM x ORDER BY id')).toEqual([
    { id: 1, name: 'a,",b', total: '1.5' },
    { id: 2, name: null, total: null },
  ]);
  on.put('s3://b/x.csv', '1,a\n');
  expect(await on.error("COPY x FROM 's3://b/x.csv' IAM_ROLE default CSV")).toContain("Load into table 'x' failed.");
});
