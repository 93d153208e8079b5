import { mkdirSync, readdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { convert } from '../../../lib/local/glue/convert';
import type { ParquetArguments } from '../../../lib/runtime/contract';
import { column, Lake, type Line } from './support';

let lake: Lake;
beforeEach(() => {
  lake = new Lake();
});
afterEach(() => {
  jest.restoreAllMocks();
  lake.remove();
});

async function run(manifest: string, partitionBy?: string, workDirectory?: string): Promise<void> {
  const args: ParquetArguments = {
    '--source_manifest': manifest,
    '--output': 's3://lake/out',
    ...(partitionBy !== undefined && { '--partition_by': partitionBy }),
  };
  await convert(args, new AbortController().signal, { resolveS3: lake.resolveS3, workDirectory });
}

/** What the job says of one column of a type that holds these texts. */
async function misfitsOf(type: string, texts: readonly string[]): Promise<number> {
  const manifest = lake.dataset([column('c', type)], [texts.map((text) => [text])]);
  try {
    await run(manifest);
    return 0;
  } catch (error) {
    return Number(/'c' [^:]+: (\d+);/.exec((error as Error).message)![1]);
  }
}

describe('values', () => {
  const EVERY_PLANE = String.fromCodePoint(...Array.from({ length: 17 }, (_, plane) => plane * 0x10000 + 0xffd));

  test.each([
    ['bigint', ['9223372036854775807', '-9223372036854775808', '9007199254740993']],
    ['integer', ['2147483647', '-2147483648', '0']],
    ['smallint', ['32767', '-32768']],
    ['decimal(38,10)', ['1234567890123456789012345678.0123456789', '-0.0000000001']],
    ['decimal(12,2)', ['9999999999.99', '-9999999999.99', '0.10']],
    ['decimal(38,0)', ['99999999999999999999999999999999999999']],
    ['boolean', ['t', 'f']],
    ['date', ['2024-02-29', '0001-01-01', '1500-03-01', '9999-12-31', '10000-01-01']],
    ['time', ['23:59:59.999999', '00:00:00', '24:00:00']],
    ['varchar(100)', ['', ' ', 'N', '\\N', 'null', 'it\'s "quoted", \\ and \t', 'two\nlines\r\n', EVERY_PLANE, '\u2028\u0085\ufeff']],
  ])('%s survives exactly', async (type, texts) => {
    await run(lake.dataset([column('c', type)], [[...texts.map((text) => [text]), [null]]]));
    const text = type === 'boolean' ? 'left(c::VARCHAR, 1)' : 'c::VARCHAR';
    expect(await lake.query(`SELECT ${text} AS c FROM parts`)).toEqual([...texts, null].map((c) => ({ c })));
  });

  test.each([
    ['real', 'FLOAT', ['0.1', '3.4028235e+38', '-1e-45', 'Infinity', '-Infinity', 'NaN']],
    ['double precision', 'DOUBLE', ['0.1', '1.7976931348623157e+308', '5e-324', '0.30000000000000004', 'Infinity', 'NaN']],
  ])('%s is the nearest number', async (type, duckdbType, texts) => {
    await run(lake.dataset([column('c', type)], [texts.map((text) => [text])]));
    const [row] = await lake.query(`SELECT list(c) = [${texts.map((text) => `'${text}'::${duckdbType}`)}] AS same FROM parts`);
    expect(row!.same).toBe(true);
  });

  test('timestamps keep microseconds; with a zone they are that instant, without one that wall clock in UTC', async () => {
    const columns = [column('local', 'timestamp'), column('instant', 'timestamptz')];
    await run(
      lake.dataset(columns, [
        [
          ['2024-01-01 00:00:00.123456', '2024-01-01 00:00:00.123456+05:30'],
          ['0001-01-01 00:00:00', '1969-12-31 23:59:59.999999-08'],
        ],
      ]),
    );
    expect(await lake.query('SELECT local::TIMESTAMP::VARCHAR AS local, instant::TIMESTAMP::VARCHAR AS instant FROM parts')).toEqual([
      { local: '2024-01-01 00:00:00.123456', instant: '2023-12-31 18:30:00.123456' },
      { local: '0001-01-01 00:00:00', instant: '1970-01-01 07:59:59.999999' },
    ]);
  });

  test('names of columns may hold any character, and keep their order', async () => {
    const names = ['2', '1', 'a b', 'na"me', "it's", '$."x"', '日本😀', '__proto__', 'select', 'a.b'];
    await run(
      lake.dataset(
        names.map((name) => column(name, 'varchar(20)')),
        [[names.map((name) => `${name}!`)]],
      ),
    );
    const [row] = await lake.query('SELECT * FROM parts');
    expect(Object.entries(row!)).toEqual(Object.keys(row!).map((name) => [name, `${name}!`]));
    const schema = await lake.query('SELECT name FROM parquet_schema(FILES) WHERE type IS NOT NULL ORDER BY column_id');
    expect(schema.map(({ name }) => name)).toEqual(names);
  });
});

test('types in the file are those that COPY reads into the column types, never inferred', async () => {
  const types = ['smallint', 'integer', 'bigint', 'decimal(4,0)', 'decimal(12,2)', 'decimal(38,10)', 'real', 'double precision', 'boolean'];
  const more = ['varchar(10)', 'date', 'time', 'timestamp', 'timestamptz'];
  const columns = [...types, ...more].map((type) => column(type, type));
  await run(lake.dataset(columns, [[columns.map(() => null)]]));
  const schema = await lake.query(`
    SELECT name, type || coalesce(' ' || converted_type, '') || coalesce('(' || precision || ',' || scale || ')', '') AS type,
      repetition_type AS nullable, regexp_extract(logical_type, 'isAdjustedToUTC=(.)', 1) AS utc
    FROM parquet_schema(FILES) WHERE type IS NOT NULL ORDER BY column_id`);
  expect(schema.every(({ nullable }) => nullable === 'OPTIONAL')).toBe(true);
  expect(Object.fromEntries(schema.map(({ name, type, utc }) => [name, utc ? `${type} utc=${utc}` : type]))).toEqual({
    smallint: 'INT32 INT_16',
    integer: 'INT32 INT_32',
    bigint: 'INT64 INT_64',
    'decimal(4,0)': 'INT32 DECIMAL(4,0)',
    'decimal(12,2)': 'INT64 DECIMAL(12,2)',
    'decimal(38,10)': 'FIXED_LEN_BYTE_ARRAY DECIMAL(38,10)',
    real: 'FLOAT',
    'double precision': 'DOUBLE',
    boolean: 'BOOLEAN',
    'varchar(10)': 'BYTE_ARRAY UTF8',
    date: 'INT32 DATE',
    time: 'BYTE_ARRAY UTF8',
    timestamp: 'INT64 TIMESTAMP_MICROS utc=1',
    timestamptz: 'INT64 TIMESTAMP_MICROS utc=1',
  });
});

describe('a text that is not exactly of its type fails the job', () => {
  test.each([
    ['smallint', ['32768', '1.0', ' 1', '1e3', '', '1\n', '１']],
    ['integer', ['2147483648', '1.5', '0x1', '+1']],
    ['bigint', ['9223372036854775808', '9.5']],
    ['decimal(6,2)', ['12345.00', '1.005', '1e2', 'NaN', '.5', '1,5']],
    ['real', ['3.5e38', 'abc', '0x1p1', 'inf']],
    ['double precision', ['1e400', '-1e400', 'infinity', '']],
    ['boolean', ['true', 'T', '1', '']],
    ['varchar(5)', ['123456', 'ééé']],
    ['date', ['2023-02-29', '2024-1-1', 'infinity', '2024-01-01 00:00:00', '0044-03-15 BC']],
    ['time', ['24:00:01', '1:00:00', '10:60:00', '10:00:00+00']],
    [
      'timestamp',
      ['2024-01-01T00:00:00', '2024-01-01 24:00:00', '2024-01-01 00:00:60', '2024-01-01', '2024-01-01 00:00:00+00', '2024-01-01 00:00:00.1234567'],
    ],
    ['timestamptz', ['2024-01-01 00:00:00', '2024-01-01 00:00:00 UTC', '2024-02-30 00:00:00+00', 'now']],
  ])('%s', async (type, texts) => {
    expect(await misfitsOf(type, texts)).toBe(texts.length);
  });

  test('the error counts by column and tells no value, and nothing is written', async () => {
    const columns = [column('total', 'decimal(6,2)'), column('paid', 'boolean'), column('fine', 'integer')];
    const manifest = lake.dataset(columns, [
      [
        ['secret', 't', '1'],
        ['1.00', 'secret', '2'],
      ],
      [['secret', null, '3']],
    ]);
    await expect(run(manifest)).rejects.toMatchObject({
      name: 'CorruptInput',
      message:
        "values that are not of the type of their column, by column: 'total' decimal(6,2): 2, 'paid' boolean: 1; cast or reject them in LambdaClean",
    });
    expect(() => lake.keys()).toThrow('ENOENT');
  });

  test('a null in a column that has none', async () => {
    const manifest = lake.dataset([column('id', 'integer', false)], [[['1'], [null], [null]]]);
    await expect(run(manifest)).rejects.toThrow("nulls in columns that have none, by column: 'id': 2; reject them");
  });
});

describe('a line must be a JSON object of exactly the columns, each text or null', () => {
  const columns = [column('a', 'varchar(9)'), column('b', 'varchar(9)')];

  test.each(['{"a":"1","b":"x"}', '  { "b" : null , "a" : "1" } ', '{"a":"\\ud83d\\ude00","b":"\\u00e9\\n\\""}'])('taken: %s', async (line) => {
    await run(lake.dataset(columns, [[line]]));
    expect(lake.output().dataset.recordCount).toBe(1);
  });

  test.each([
    '{"a":1,"b":"x"}',
    '{"a":true,"b":"x"}',
    '{"a":{"b":"x"},"b":"x"}',
    '{"a":"1"}',
    '{"a":"1","b":"x","c":"y"}',
    '{"a":"1","a":"2"}',
    '{"A":"1","b":"x"}',
    '{"a":"1","b":"x",}',
    '{"a":"1","b":"\\u0000"}',
    '{"a":"1","b":"\\ud800"}',
    '{"a":"1","b":"tab\t"}',
    'secret',
    '[]',
    'null',
    '{"a":"1","b":"x"}secret',
  ])('refused: %s', async (line) => {
    const manifest = lake.dataset(columns, [[['1', '2'], line]]);
    await expect(run(manifest)).rejects.toThrow(
      /^1 of 2 lines of part 's3:\/\/lake\/in\/part-00000.jsonl.gz' are not a JSON object of exactly the schema's columns, each text or null; let the step before/,
    );
  });
});

describe('what the manifest says is checked', () => {
  const columns = [column('a', 'integer')];
  const rows: Line[] = [['1'], ['2']];
  const part = 's3://lake/in/part-00000.jsonl.gz';

  test('a part that is missing', async () => {
    const manifest = lake.dataset(columns, [rows]);
    rmSync(lake.resolveS3(part));
    await expect(run(manifest)).rejects.toMatchObject({
      name: 'CorruptInput',
      message: `part '${part}' is missing; run the step that wrote it again`,
    });
  });

  test('a part that is cut', async () => {
    const manifest = lake.dataset(columns, [rows]);
    const { size } = statSync(lake.resolveS3(part));
    truncateSync(lake.resolveS3(part), size - 1);
    await expect(run(manifest)).rejects.toThrow(`part '${part}' has ${size - 1} bytes, its manifest says ${size}; run`);
  });

  test('a part with another number of records', async () => {
    const manifest = lake.dataset(columns, [rows], (right) => {
      const [entry] = right.entries;
      return { ...right, entries: [{ ...entry, meta: { ...entry!.meta, record_count: 3 } }] };
    });
    await expect(run(manifest)).rejects.toThrow(`part '${part}' has 2 records, its manifest says 3; run`);
  });

  test('another format', async () => {
    const manifest = lake.dataset(columns, [rows], (right) => ({ ...right, format: 'copy-text' }));
    await expect(run(manifest)).rejects.toMatchObject({
      name: 'InvalidInput',
      message: "the Parquet job reads format 'jsonl', got 'copy-text'; put a LambdaClean before GlueParquet",
    });
  });

  test('an unknown type, no columns, columns that differ in case only', async () => {
    await expect(run(lake.dataset([column('a', 'json')], []))).rejects.toThrow("column type 'json' is not known");
    await expect(run(lake.dataset([], []))).rejects.toThrow('the dataset has no columns');
    await expect(run(lake.dataset([column('a', 'date'), column('A', 'date')], []))).rejects.toThrow("columns 'a' and 'A' differ in case only");
  });

  test('something that is no manifest', async () => {
    lake.put('s3://lake/in/manifest.json', 'secret');
    const error = await run('s3://lake/in/manifest.json').catch(String);
    expect(error).toMatch(/^CorruptInput: 's3:\/\/lake\/in\/manifest.json' is not a manifest/);
    expect(error).not.toContain('secret');
  });
});

describe('what is written', () => {
  const columns = [column('id', 'integer', false), column('day', 'date'), column('name', 'varchar(50)')];

  test('a file for each part that has rows, a manifest of exact lengths and counts, and the dataset', async () => {
    await run(
      lake.dataset(columns, [
        [
          ['1', null, 'a'],
          ['2', null, 'b'],
        ],
        [],
        [['3', '2024-01-01', null]],
      ]),
    );
    const { manifest, dataset } = lake.output();
    expect(lake.keys()).toEqual(['dataset.json', 'manifest.json', 'part-00000.parquet', 'part-00001.parquet']);
    expect(dataset).toEqual({ manifest: 's3://lake/out/manifest.json', format: 'parquet', recordCount: 3, parts: 2 });
    expect(manifest).toMatchObject({ format: 'parquet', schema: { elements: columns }, meta: { record_count: 3 } });
    expect(manifest.entries.map(({ url, mandatory, meta }) => [url, mandatory, meta.record_count])).toEqual([
      ['s3://lake/out/part-00000.parquet', true, 2],
      ['s3://lake/out/part-00001.parquet', true, 1],
    ]);
    expect(manifest.meta.content_length).toBe(manifest.entries.reduce((sum, { meta }) => sum + meta.content_length, 0));
  });

  test.each([
    ['no part', []],
    ['a part without rows', [[]]],
  ])('an empty dataset of %s gives a manifest of no entries', async (_, parts) => {
    await run(lake.dataset(columns, parts));
    expect(lake.keys()).toEqual(['dataset.json', 'manifest.json']);
    expect(lake.output().manifest).toMatchObject({ entries: [], meta: { content_length: 0, record_count: 0 }, schema: { elements: columns } });
    expect(lake.output().dataset).toMatchObject({ recordCount: 0, parts: 0 });
  });

  test('an empty dataset has no partition either', async () => {
    await run(lake.dataset(columns, [[]]), 'day');
    expect(lake.keys()).toEqual(['dataset.json', 'manifest.json']);
  });

  test('partitions are folders of url-encoded values; their columns stay in the files', async () => {
    const rows = [
      ['1', '2024-01-01', 'a/b=c d%é~*'],
      ['2', '2024-01-01', ''],
      ['3', null, null],
    ];
    await run(lake.dataset(columns, [rows, [['4', '2024-01-01', 'a/b=c d%é~*']]]), 'day,name');
    expect(lake.output().manifest.entries.map(({ url, meta }) => [url.slice('s3://lake/out/'.length), meta.record_count])).toEqual([
      ['day=2024-01-01/name=__HIVE_DEFAULT_PARTITION__/part-00000.parquet', 1],
      ['day=2024-01-01/name=a%2Fb%3Dc%20d%25%C3%A9~%2A/part-00000.parquet', 2],
      ['day=__HIVE_DEFAULT_PARTITION__/name=__HIVE_DEFAULT_PARTITION__/part-00000.parquet', 1],
    ]);
    const found = await lake.query('SELECT id::VARCHAR AS id, day::VARCHAR AS day, name FROM parts ORDER BY id');
    expect(found.map(Object.values)).toEqual([...rows, ['4', '2024-01-01', 'a/b=c d%é~*']]);
  });

  test('the name of a partition column is url-encoded too', async () => {
    await run(lake.dataset([column("it's a (day)", 'boolean')], [[['t']]]), "it's a (day)");
    expect(lake.output().manifest.entries[0]!.url).toBe('s3://lake/out/it%27s%20a%20%28day%29=true/part-00000.parquet');
  });

  test.each([
    ['nope', "partition column 'nope' is not in the dataset; its columns are 'id', 'day', 'name'"],
    ['day,day', "partition column 'day' is named twice; name it once"],
  ])('partitions %s are refused', async (partitionBy, message) => {
    await expect(run(lake.dataset(columns, []), partitionBy)).rejects.toMatchObject({ name: 'InvalidInput', message });
  });

  test('a column whose type makes no folder cannot partition', async () => {
    await expect(run(lake.dataset([column('at', 'timestamp')], []), 'at')).rejects.toThrow(
      "partition column 'at' is timestamp; partition by smallint",
    );
  });

  test('parts whose names look like patterns are found, and no others', async () => {
    const odd = 's3://lake/in [a-z] {b}*?%41/part.gz';
    const manifest = lake.dataset(columns, [[['1', null, null]]], (right) => ({ ...right, entries: [{ ...right.entries[0], url: odd }] }));
    lake.put(odd, '');
    renameSync(lake.resolveS3('s3://lake/in/part-00000.jsonl.gz'), lake.resolveS3(odd));
    await run(manifest);
    expect(lake.output().dataset.recordCount).toBe(1);
  });

  test('nothing stays behind in the work directory', async () => {
    const workDirectory = join(lake.root, 'work');
    mkdirSync(workDirectory);
    await run(lake.dataset(columns, [[['1', null, null]]]), undefined, workDirectory);
    await expect(run(lake.dataset(columns, [[['x', null, null]]]), undefined, workDirectory)).rejects.toThrow('values');
    expect(readdirSync(workDirectory)).toEqual([]);
  });

  test('a work directory on another file system does as well, and objects still appear whole', async () => {
    const otherDevice = Object.assign(new Error('cross-device link not permitted'), { code: 'EXDEV' });
    const { rename } = fs;
    jest.spyOn(fs, 'rename').mockImplementation(async (from, to) => {
      if (!String(from).startsWith(lake.root)) throw otherDevice;
      await rename(from, to);
    });
    await run(lake.dataset(columns, [[['1', null, null]]]));
    expect(lake.keys()).toEqual(['dataset.json', 'manifest.json', 'part-00000.parquet']);
    expect(lake.output().dataset.recordCount).toBe(1);
  });
});
