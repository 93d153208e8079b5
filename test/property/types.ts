import { createHash } from 'node:crypto';
import fc, { type Arbitrary } from 'fast-check';

/** A value as PostgreSQL reads it, and the rule by which its row must be rejected if the warehouse has no place for it. */
export interface Sample {
  readonly text: string;
  readonly fault?: 'type' | 'overlong';
}

/**
 * A type of the source, with all its edges. Source and warehouse are compared in a form that is neither's text and none of our code's: `neutral` asks
 * PostgreSQL for it, `decode` makes it of what the warehouse holds.
 */
export interface TypeCase {
  readonly source: string;
  readonly target: string;
  readonly samples: Arbitrary<Sample>;
  /** Whether it may be part of a primary key. */
  readonly isKey?: boolean;
  neutral(column: string): string;
  /** `bytes` is how many a text has in the warehouse. */
  decode(value: unknown, bytes: unknown): string;
}

const LONGEST = 'varchar(65535)';
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('0001-01-01T00:00:00Z');
const LAST_DAY = Date.UTC(9999, 11, 31);

const plain = (text: string): Sample => ({ text });
const mistyped = (text: string): Sample => ({ text, fault: 'type' });
const of = (...texts: string[]) => fc.constantFrom(...texts.map(plain));
const refused = (...texts: string[]) => fc.constantFrom(...texts.map(mistyped));
const hex = (text: string) => Buffer.from(text).toString('hex');

/** Length and bytes. DuckDB's Node.js binding drops a byte order mark at the start of a text it answers, so that only the length tells of that one. */
const bytesOf = (bytes: string) => `octet_length(${bytes}) || ':' || regexp_replace(encode(${bytes}, 'hex'), '^efbbbf', '')`;
const asText = {
  neutral: (c: string) => bytesOf(`convert_to(format('%s', ${c}), 'UTF8')`),
  decode: (value: unknown, bytes: unknown) => `${bytes}:${hex(String(value)).replace(/^efbbbf/, '')}`,
};
const asInteger = { neutral: (c: string) => `${c}::text`, decode: (value: unknown) => BigInt(value as string).toString() };
const asMicros = (c: string) => `(extract(epoch FROM ${c}) * 1000000)::numeric(30,0)::text`;

function whole(source: string, target: string, bits: bigint): TypeCase {
  const [min, max] = [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  const any = fc.bigInt({ min, max }).map((value) => plain(String(value)));
  return { source, target, samples: fc.oneof(any, of(String(min), String(max), '0', '-1')), isKey: true, ...asInteger };
}

function digits(count: number): Arbitrary<string> {
  return count === 0 ? fc.constant('') : fc.array(fc.integer({ min: 0, max: 9 }), { minLength: count, maxLength: count }).map((all) => all.join(''));
}

function exact(precision: number, scale: number): TypeCase {
  const point = scale > 0 ? '.' : '';
  const any = fc
    .tuple(fc.constantFrom('', '-'), digits(precision - scale), digits(scale))
    .map(([sign, a, b]) => plain(`${sign}${a || '0'}${point}${b}`));
  const nines = `${'9'.repeat(precision - scale) || '0'}${point}${'9'.repeat(scale)}`;
  return {
    source: `numeric(${precision},${scale})`,
    target: `decimal(${precision},${scale})`,
    samples: fc.oneof(
      { weight: 6, arbitrary: any },
      { weight: 3, arbitrary: of(nines, `-${nines}`, '0', '-0') },
      { weight: 1, arbitrary: refused('NaN') },
    ),
    isKey: true,
    neutral: (c) => `(${c} * 1e${scale})::numeric(60,0)::text`,
    decode: (value) => scaled(String(value), scale),
  };
}

function scaled(text: string, scale: number): string {
  const [whole, fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.padEnd(scale, '0')}`).toString();
}

function floating(source: 'real' | 'double precision', edges: string[], arbitrary: Arbitrary<number>): TypeCase {
  const any = arbitrary.map((value) => plain(Object.is(value, -0) ? '-0' : String(value)));
  return {
    source,
    target: source,
    samples: fc.oneof(any, of('NaN', 'Infinity', '-Infinity', '0', '-0', ...edges)),
    neutral: (c) => `CASE WHEN ${c} = 'NaN' THEN 'NaN' ELSE encode(float8send(${c}::float8), 'hex') END`,
    decode: (value) => {
      const number = Number(value);
      if (Number.isNaN(number)) return 'NaN';
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(source === 'real' ? Math.fround(number) : number);
      return bytes.toString('hex');
    },
  };
}

/** Whether a text holds no half of a surrogate pair, which is no character. */
export const isWhole = (text: string) => !/\p{Surrogate}/u.test(text);

/** Every plane of Unicode, and what some reader on the way may take for syntax. */
const odd = fc.constantFrom(
  '',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\\',
  '\\N',
  '\\.',
  '"',
  "'",
  'NULL',
  'null',
  '{}',
  ',',
  ';',
  '\\u0000',
  '\u0001',
  '\u001f',
  '\u007f',
  '\u2028',
  '\ufeff',
  '\ufffd',
  '\uffff',
  '🚀',
  '\u{10ffff}',
  'é',
  'e\u0301',
  '\u200b',
  '{% $x %}',
  "''",
);
const anyText = (maxLength: number) =>
  fc
    .oneof(
      fc.string({ unit: 'binary', maxLength }),
      fc.string({ unit: 'grapheme', maxLength }),
      fc.array(odd, { maxLength: 4 }).map((all) => all.join('')),
    )
    .map((text) => text.replaceAll('\0', '').slice(0, maxLength))
    .filter(isWhole);
const jsonText = fc.oneof(
  fc.json({ maxDepth: 2 }).filter((text) => !text.includes('\\u0000') && isWhole(text) && !/\\ud[89a-f]/i.test(text)),
  fc.constantFrom('null', '""', '[]', '{"a": [1, null, 1e3, 0.10, 12345678901234567890123]}', '"\\\\u0000"'),
);

function textual(source: string, target: string, samples: Arbitrary<Sample>): TypeCase {
  return { source, target, samples, ...asText };
}

function overlong(...texts: string[]): { weight: number; arbitrary: Arbitrary<Sample> } {
  return {
    weight: 1,
    arbitrary: fc.constantFrom(...texts).map((text): Sample => ({ text, fault: Buffer.byteLength(text) > 65_535 ? 'overlong' : undefined })),
  };
}

const day = fc.integer({ min: FIRST_DAY / DAY_MS, max: LAST_DAY / DAY_MS }).map((days) => new Date(days * DAY_MS).toISOString().slice(0, 10));
const micros = fc.oneof(fc.constantFrom(0, 1, 999_999, 500_000), fc.integer({ min: 0, max: 999_999 })).map((value) => String(value).padStart(6, '0'));
const clock = fc
  .tuple(fc.integer({ min: 0, max: 86_399 }), micros)
  .map(([seconds, part]) => `${new Date(seconds * 1000).toISOString().slice(11, 19)}.${part}`);
const offset = fc.constantFrom('+00', '-08', '+05:30', '-15:59', '+14');

function moment(text: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:\+00)?)?$/.exec(text);
  if (!match) throw new Error(`the warehouse holds '${text}', which is no moment`);
  const [year, month, date, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => (part === undefined ? 0 : Number(part)));
  const at = new Date(0);
  at.setUTCFullYear(year!, month! - 1, date!);
  at.setUTCHours(hour, minute, second);
  return (BigInt(at.getTime()) * 1000n + BigInt((match[7] ?? '').padEnd(6, '0') || 0)).toString();
}

const NEVER = ['infinity', '-infinity', '0044-03-15 BC', '4713-01-01 BC', '10000-01-01'];
const MOMENTS = { isKey: true, neutral: asMicros, decode: (value: unknown) => moment(String(value)) };
const dated = (any: Arbitrary<string>, first: string, last: string, latest: string) =>
  fc.oneof(
    { weight: 8, arbitrary: any.map(plain) },
    { weight: 4, arbitrary: of(first, last, '1970-01-01', '1900-03-01', '2000-02-29', '1582-10-10') },
    { weight: 1, arbitrary: refused(...NEVER, latest) },
  );

/** Elements by row, whatever the dimensions. Numbers are compared digit by digit. */
function array(source: string, element: Arbitrary<string | null>): TypeCase {
  const quoted = (text: string | null) => (text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`);
  const list = fc.array(element, { maxLength: 5 });
  const flat = list.map((all) => `{${all.map(quoted).join(',')}}`);
  const nested = fc.tuple(element, element, element, element).map(([a, b, c, d]) => `{{${quoted(a)},${quoted(b)}},{${quoted(c)},${quoted(d)}}}`);
  return {
    source: `${source}[]`,
    target: LONGEST,
    samples: fc.oneof({ weight: 4, arbitrary: flat }, { weight: 1, arbitrary: nested }).map(plain),
    neutral: (c) =>
      `(SELECT coalesce(string_agg(coalesce(encode(convert_to(e::text, 'UTF8'), 'hex'), 'null'), ',' ORDER BY o), '') FROM unnest(${c}) WITH ORDINALITY AS u(e, o))`,
    decode: (value) => {
      JSON.parse(String(value));
      const tokens = String(value).match(/"(?:[^"\\]|\\.)*"|[^[\],\s]+/g) ?? [];
      return tokens.map((token) => (token === 'null' ? token : hex(token.startsWith('"') ? (JSON.parse(token) as string) : token))).join(',');
    },
  };
}

const maybe = (texts: Arbitrary<string>) => fc.option(texts, { freq: 5 });
const integerText = (bits: bigint) => fc.bigInt({ min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n }).map(String);

/** Every supported type, with the type it must have in the warehouse. */
export const TYPES: readonly TypeCase[] = [
  whole('smallint', 'smallint', 16n),
  whole('integer', 'integer', 32n),
  whole('bigint', 'bigint', 64n),
  whole('positive', 'integer', 32n),
  ...(
    [
      [1, 0],
      [5, 0],
      [2, 2],
      [12, 2],
      [19, 4],
      [38, 0],
      [38, 10],
      [38, 37],
    ] as const
  ).map(([precision, scale]) => exact(precision, scale)),
  textual(
    'numeric',
    LONGEST,
    fc.oneof(
      fc.tuple(digits(50), digits(20)).map(([a, b]) => plain(`${a}.${b}`)),
      of('NaN', 'Infinity', '-Infinity', '1.10', '-0', `1${'0'.repeat(300)}`),
    ),
  ),
  textual(
    'numeric(50,40)',
    'varchar(53)',
    fc.tuple(digits(10), digits(40)).map(([a, b]) => plain(`-${a}.${b}`)),
  ),
  floating('real', ['3.4028235e38', '-3.4028235e38', '1e-45', '1.17549435e-38', '0.1', '16777217'], fc.float({ noNaN: true })),
  floating(
    'double precision',
    ['1.7976931348623157e308', '5e-324', '2.2250738585072014e-308', '0.1', '9007199254740993'],
    fc.double({ noNaN: true }),
  ),
  {
    source: 'boolean',
    target: 'boolean',
    samples: of('t', 'f'),
    isKey: true,
    neutral: (c) => `${c}::int::text`,
    decode: (value) => String(Number(value)),
  },
  { source: 'date', target: 'date', samples: dated(day, '0001-01-01', '9999-12-31', '5874897-12-31'), ...MOMENTS },
  {
    source: 'time',
    target: 'time',
    samples: fc.oneof(
      { weight: 8, arbitrary: fc.oneof(clock.map(plain), of('00:00:00', '23:59:59.999999')) },
      { weight: 1, arbitrary: refused('24:00:00') },
    ),
    isKey: true,
    neutral: asMicros,
    decode: (value) => moment(`1970-01-01 ${value}`),
  },
  {
    source: 'timestamp',
    target: 'timestamp',
    samples: dated(
      fc.tuple(day, clock).map((both) => both.join(' ')),
      '0001-01-01 00:00:00',
      '9999-12-31 23:59:59.999999',
      '294276-12-31 23:59:59.999999',
    ),
    ...MOMENTS,
  },
  {
    source: 'timestamptz',
    target: 'timestamptz',
    samples: dated(
      fc
        .tuple(
          day.filter((text) => text > '0001-01-02' && text < '9999-12-30'),
          clock,
          offset,
        )
        .map(([date, time, zone]) => `${date} ${time}${zone}`),
      '0001-01-01 00:00:00+00',
      '9999-12-31 23:59:59.999999+00',
      '294276-12-31 23:59:59.999999+00',
    ),
    ...MOMENTS,
  },
  textual(
    'timetz',
    'varchar(24)',
    fc.oneof(
      fc.tuple(clock, offset).map((both) => plain(both.join(''))),
      of('24:00:00+00', '00:00:00-15:59:59'),
    ),
  ),
  textual(
    'interval',
    'varchar(128)',
    of('1 year 2 mons', '-178956970 years -8 mons -2147483648 days -2562047788:00:54.775807', '0', '1 mon -1 day 00:00:00.000001'),
  ),
  textual('uuid', 'varchar(36)', fc.uuid().map(plain)),
  textual(
    'text',
    LONGEST,
    fc.oneof({ weight: 40, arbitrary: anyText(40).map(plain) }, overlong('x'.repeat(65_535), `é${'x'.repeat(65_534)}`, '"'.repeat(65_535))),
  ),
  textual('varchar(20)', 'varchar(80)', fc.oneof(anyText(10).map(plain), of('🚀'.repeat(20)))),
  textual('varchar(20000)', LONGEST, fc.oneof({ weight: 40, arbitrary: anyText(10).map(plain) }, overlong('🚀'.repeat(20_000), '€'.repeat(20_000)))),
  { ...textual('char(5)', 'varchar(20)', anyText(2).map(plain)), neutral: (c) => bytesOf(`bpcharsend(${c})`) },
  textual('mood', 'varchar(256)', of('happy', 'very "sad"', '\\N', '', 'é🚀')),
  textual('json', LONGEST, fc.oneof(jsonText.map(plain), of('{"b":  1, "b": "\\u0000"}', ' "\\ud800" '))),
  textual('jsonb', LONGEST, jsonText.map(plain)),
  textual('xml', LONGEST, of('<a b="c">d</a>', '', 'é & "x"'.replace('&', '&amp;'))),
  {
    source: 'bytea',
    target: LONGEST,
    samples: fc.oneof(
      { weight: 40, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => plain(`\\x${Buffer.from(bytes).toString('hex')}`)) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(plain(`\\x${'00'.repeat(32_767)}`), { text: `\\x${'ff'.repeat(32_768)}`, fault: 'overlong' } as Sample),
      },
    ),
    neutral: (c) => `md5(${c})`,
    decode: (value) =>
      createHash('md5')
        .update(Buffer.from(String(value), 'hex'))
        .digest('hex'),
  },
  textual('bit(5)', 'varchar(5)', of('00000', '10101')),
  textual('bit varying(9)', 'varchar(9)', of('', '1', '000000000')),
  textual('inet', 'varchar(43)', fc.oneof(fc.ipV4().map(plain), fc.ipV6().map(plain), of('ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124'))),
  textual('int8range', LONGEST, of('empty', '(,)', '[1,9223372036854775806]')),
  textual('tstzrange', LONGEST, of('["2024-01-01 00:00:00.000001+05:30",infinity)')),
  textual('point', LONGEST, of('(0.1,-1e+300)', '(NaN,Infinity)')),
  textual('tsvector', LONGEST, of(`'a b':1A,2 'c''d'`, '')),
  array('smallint', maybe(integerText(16n))),
  array('bigint', maybe(integerText(64n))),
  array(
    'numeric',
    maybe(
      fc.oneof(
        fc.constantFrom('NaN', '1.50', '-0.10'),
        digits(40).map((text) => `1${text}.5`),
      ),
    ),
  ),
  array('text', maybe(anyText(6))),
  array('mood', maybe(fc.constantFrom('happy', 'very "sad"', '\\N', ''))),
  array('boolean', maybe(fc.constantFrom('true', 'false'))),
  array('uuid', maybe(fc.uuid())),
  array('date', maybe(fc.oneof(day, fc.constantFrom('infinity', '0044-03-15 BC')))),
  { ...array('text', maybe(anyText(6))), source: 'words' },
];

export const TYPE_SETUP = `
  CREATE TYPE mood AS ENUM ('happy', 'very "sad"', E'\\\\N', '', 'é🚀');
  CREATE DOMAIN positive AS integer;
  CREATE DOMAIN words AS text[];`;
