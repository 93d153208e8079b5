import { LoadMode } from '../../lib';
import { objectFile, paths } from '../../lib/local/paths';
import { openWarehouse } from '../../lib/local/warehouse';
import { Bench } from './support';

jest.setTimeout(180_000);

const TYPES: [column: string, source: string, target: string][] = [
  ['id', 'integer', 'integer'],
  ['small', 'smallint', 'smallint'],
  ['big', 'bigint', 'bigint'],
  ['exact', 'numeric(38,10)', 'decimal(38,10)'],
  ['money', 'numeric(12,2)', 'decimal(12,2)'],
  ['yes', 'boolean', 'boolean'],
  ['day', 'date', 'date'],
  ['clock', 'time', 'time'],
  ['plain', 'timestamp', 'timestamp'],
  ['zoned', 'timestamptz', 'timestamptz'],
  ['code', 'char(3)', 'varchar(12)'],
  ['name', 'varchar(20)', 'varchar(80)'],
  ['note', 'text', 'varchar(65535)'],
  ['key', 'uuid', 'varchar(36)'],
  ['json', 'jsonb', 'varchar(65535)'],
  ['kind', 'mood', 'varchar(256)'],
  ['Odd, "name"', 'text', 'varchar(65535)'],
];

const VALUES = `
(1, -32768, 9007199254740993, 1234567890123456789012345678.0123456789, -0.01, true, '0001-01-01', '00:00:00', '1999-12-31 23:59:59.999999',
 '2026-03-29 01:30:00.000001+01', 'abc', 'Zoë "Zo" O''Neil, Jr.', E'tab\\there\\nnew line \\\\ back', '00000000-0000-0000-0000-000000000001', '{"a": [1, null]}', 'happy', E'\\\\N'),
(2, 32767, -9223372036854775808, -0.0000000001, 9999999999.99, false, '9999-12-31', '23:59:59.999999', '0001-01-01 00:00:00', '1970-01-01 00:00:00-08',
 'a', '', '', NULL, '{}', 'sad', ''),
(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(4, 0, 9223372036854775807, 0, 0, true, '2000-02-29', '12:00:00.5', '2026-01-01 12:00:00.5', '2026-01-01 00:00:00+05:30', '', '李小龍 Ünsal', '🚀 𝔘𝔫𝔦 \u200b end ', NULL, '"x"', NULL, ',;|"''')`;

let bench: Bench;
beforeAll(async () => {
  const columns = TYPES.map(([name, type]) => `"${name.replaceAll('"', '""')}" ${type}`).join(', ');
  bench = await Bench.open(
    `CREATE TYPE mood AS ENUM ('happy', 'sad'); CREATE TABLE everything (${columns}); INSERT INTO everything VALUES ${VALUES}`,
  );
});
afterAll(() => bench?.close());

const quoted = TYPES.map(([name]) => `"${name.replaceAll('"', '""')}"`);

/** `char(n)` is padded in PostgreSQL when it is copied out, and so it arrives; a cast to text alone would cut the blanks off. */
const asText = (name: string, [, type]: (typeof TYPES)[number]) => (type === 'char(3)' ? `rpad(${name}::text, 3)` : `${name}::text`);

test.each<[string, { parquet?: false }]>([
  ['Parquet', {}],
  ['JSON Lines, without Glue', { parquet: false }],
])('every value of every type is in the warehouse as it is in the source, with its type, through %s', async (_, way) => {
  const run = await bench.run({ extract: { table: 'everything' }, mode: LoadMode.upsert('id'), ...way });
  expect(run).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 4, rejected: 0, loaded: 4 } });

  const warehouse = await openWarehouse({ file: paths(run.out).warehouse, resolveS3: (url) => objectFile(run.out, url) });
  try {
    const columns = (await warehouse.describeTable('analytics', 'loaded'))!;
    expect(columns.map(({ name, type }) => [name, type])).toEqual(TYPES.map(([name, , type]) => [name.toLowerCase(), type]));

    await bench.sql(`SET TIME ZONE 'UTC'`);
    const expected = await bench.sql(
      `SELECT ${TYPES.map((type, index) => `${asText(quoted[index]!, type)} AS c${index}`).join(', ')} FROM everything ORDER BY id`,
    );
    const loaded = await warehouse.query('SELECT * FROM analytics.loaded ORDER BY id');
    const texts = loaded.map((row) => Object.values(row).map((value) => (value === null ? null : String(value))));
    expect(texts).toEqual(expected.map((row) => Object.values(row)));
  } finally {
    await warehouse.close();
  }
});
