import { extract, makeWorld, rowsOf, type World } from './support';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
  await world.admin.query(`
    CREATE TYPE mood AS ENUM ('happy', 'very "sad"');
    CREATE DOMAIN positive AS int CHECK (VALUE > 0);
    CREATE DOMAIN tags AS text[];
    CREATE DOMAIN amount AS numeric(12,2) NOT NULL;
    ALTER ROLE CURRENT_USER SET bytea_output = 'escape';
    ALTER ROLE CURRENT_USER SET intervalstyle = 'iso_8601';
    ALTER ROLE CURRENT_USER SET datestyle = 'German';
    ALTER ROLE CURRENT_USER SET timezone = 'Asia/Kolkata';
    ALTER ROLE CURRENT_USER SET extra_float_digits = -10`);
}, 60_000);
afterAll(() => world.stop());

const LONGEST = 'varchar(65535)';

/** What the README's table says, whatever the settings of the role: of each type a value as SQL, the type in the dataset, and the text there. */
test.each<[source: string, value: string, type: string, text: string]>([
  ['smallint', '-32768', 'smallint', '-32768'],
  ['integer', '2147483647', 'integer', '2147483647'],
  ['bigint', '9007199254740993', 'bigint', '9007199254740993'],
  ['oid', '4294967295', 'bigint', '4294967295'],
  ['positive', '7', 'integer', '7'],
  ['numeric(12,2)', '1.5', 'decimal(12,2)', '1.50'],
  ['amount', '1.5', 'decimal(12,2)', '1.50'],
  ['numeric(5)', '12', 'decimal(5,0)', '12'],
  ['numeric(3,5)', '0.00123', 'decimal(5,5)', '0.00123'],
  ['numeric(2,-3)', '12000', 'decimal(5,0)', '12000'],
  ['numeric(38,37)', '1.5', 'decimal(38,37)', `1.5${'0'.repeat(36)}`],
  ['numeric', '12345678901234567890123456789012345678901234567890.5', LONGEST, '12345678901234567890123456789012345678901234567890.5'],
  ['numeric(39,0)', '-9', 'varchar(42)', '-9'],
  ['numeric(38,38)', '-0.5', 'varchar(41)', `-0.5${'0'.repeat(37)}`],
  ['numeric(1,-38)', `9${'0'.repeat(38)}`, 'varchar(42)', `9${'0'.repeat(38)}`],
  ['real', '0.1', 'real', '0.1'],
  ['double precision', '0.1::float8 + 0.2::float8', 'double precision', '0.30000000000000004'],
  ['boolean', 'true', 'boolean', 't'],
  ['date', "'2024-02-29'", 'date', '2024-02-29'],
  ['time', "'24:00:00'", 'time', '24:00:00'],
  ['timetz', "'23:59:59.999999+15:59:59'", 'varchar(24)', '23:59:59.999999+15:59:59'],
  ['timestamp', "'2024-02-29 12:00:00.000001'", 'timestamp', '2024-02-29 12:00:00.000001'],
  ['timestamptz', "'2024-02-29 12:00:00+05:30'", 'timestamptz', '2024-02-29 06:30:00+00'],
  ['interval', "'1 year -2 days 3.5 seconds'", 'varchar(128)', '1 year -2 days +00:00:03.5'],
  ['text', "'é'", LONGEST, 'é'],
  ['varchar(20)', "'a'", 'varchar(80)', 'a'],
  ['varchar(20000)', "'a'", LONGEST, 'a'],
  ['char(3)', "'a'", 'varchar(12)', 'a  '],
  ['name', "'a'", 'varchar(63)', 'a'],
  ['"char"', "'a'", 'varchar(4)', 'a'],
  ['mood', `'very "sad"'`, 'varchar(256)', 'very "sad"'],
  ['uuid', "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 'varchar(36)', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['json', `'{"b": 1,  "b":2, "z": "\\u0000"}'`, LONGEST, '{"b": 1,  "b":2, "z": "\\u0000"}'],
  ['jsonb', `'{"b":1,"a":"\\u00e9"}'`, LONGEST, '{"a": "é", "b": 1}'],
  ['jsonpath', `'$.a[*]'`, LONGEST, '$."a"[*]'],
  ['xml', `'<a b="c">d</a>'`, LONGEST, '<a b="c">d</a>'],
  ['bytea', `'\\x00ff0a5c'`, LONGEST, '00ff0a5c'],
  ['bytea', `''`, LONGEST, ''],
  ['bit(3)', "'101'", 'varchar(3)', '101'],
  ['bit varying', "'10'", LONGEST, '10'],
  ['inet', "'2001:db8::1/64'", 'varchar(43)', '2001:db8::1/64'],
  ['cidr', "'10.0.0.0/8'", 'varchar(43)', '10.0.0.0/8'],
  ['macaddr', "'08-00-2B-01-02-03'", 'varchar(17)', '08:00:2b:01:02:03'],
  ['macaddr8', "'08002b0102030405'", 'varchar(23)', '08:00:2b:01:02:03:04:05'],
  ['int4range', "'[1,5]'", LONGEST, '[1,6)'],
  ['tstzrange', "'[2024-01-01 00:00+05:30,)'", LONGEST, '["2023-12-31 18:30:00+00",)'],
  ['int4multirange', "'{[1,2),[5,6)}'", LONGEST, '{[1,2),[5,6)}'],
  ['point', "'(0.1,2)'", LONGEST, '(0.1,2)'],
  ['tsvector', "'a:1 b'", LONGEST, "'a':1 'b'"],
  ['integer[]', "'{1,NULL}'", LONGEST, '[1,null]'],
  ['integer[]', "'{{1,2},{3,4}}'", LONGEST, '[[1,2],[3,4]]'],
  ['bigint[]', "'{9007199254740993}'", LONGEST, '[9007199254740993]'],
  ['numeric[]', "'{1.50,NaN}'", LONGEST, '[1.50,"NaN"]'],
  ['double precision[]', "'{0.1,Infinity}'", LONGEST, '[0.1,"Infinity"]'],
  ['text[]', `ARRAY['', NULL, 'NULL', '"', E'\\n', '{']`, LONGEST, '["",null,"NULL","\\"","\\n","{"]'],
  ['tags', "'{a,b}'", LONGEST, '["a","b"]'],
  ['positive[]', "'{1}'", LONGEST, '[1]'],
  ['mood[]', "'{happy}'", LONGEST, '["happy"]'],
  ['boolean[]', "'{t}'", LONGEST, '[true]'],
  ['timestamptz[]', "'{2024-02-29 12:00:00.5+05:30}'", LONGEST, '["2024-02-29T06:30:00.5+00:00"]'],
  ['bytea[]', `ARRAY['\\x00ff'::bytea]`, LONGEST, '["\\\\x00ff"]'],
  ['interval[]', "'{1 day}'", LONGEST, '["1 day"]'],
  ['jsonb[]', `ARRAY['{"a": 1}'::jsonb]`, LONGEST, '[{"a": 1}]'],
  ['integer[]', "'{}'", LONGEST, '[]'],
])('%s: %s is %s %j', async (source, value, type, text) => {
  await world.admin.query(`DROP TABLE IF EXISTS typed; CREATE TABLE typed (c ${source}, n ${source === 'amount' ? 'int' : source})`);
  await world.admin.query(`INSERT INTO typed VALUES (${value}, NULL)`);
  const dataset = await extract(world.event('typed'));
  expect(dataset.columns[0]).toEqual({ name: 'c', type, nullable: source !== 'amount' });
  expect(rowsOf(world.parts(dataset)[0]!)).toEqual([[text, null]]);
});

test.each([
  ['money', 'money, whose text depends on a setting of the database'],
  ['xid', 'xid'],
  ['regclass', 'regclass'],
  ['int2vector', 'int2vector'],
  ['pair', 'pair'],
  ['pair[]', 'pair[]'],
])('%s is refused by name', async (source, says) => {
  await world.admin.query(`DROP TABLE IF EXISTS odd; DROP TYPE IF EXISTS pair CASCADE; CREATE TYPE pair AS (a int); CREATE TABLE odd (c ${source})`);
  await expect(extract(world.event('odd'))).rejects.toMatchObject({ name: 'UnsupportedType', message: expect.stringContaining(`'c' is ${says}; `) });
});
