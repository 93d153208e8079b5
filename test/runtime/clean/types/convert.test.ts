import { convertText } from '../../../../lib/runtime/clean/types/convert';
import { parseType } from '../../../../lib/runtime/shared/types';

/** Type, text, and what becomes of it; undefined is a reject. */
type Case = readonly [type: string, text: string, result: string | undefined];

function holds(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    test.each(cases)('%s of %j is %j', (type, text, result) => {
      expect(convertText(parseType(type), text)).toBe(result);
    });
  });
}

const same = (type: string, ...texts: string[]): Case[] => texts.map((text) => [type, text, text]);
const refused = (type: string, ...texts: string[]): Case[] => texts.map((text) => [type, text, undefined]);

holds('integers keep their value and take one form', [
  ...same('smallint', '0', '1', '-1', '32767', '-32768'),
  ...same('integer', '2147483647', '-2147483648', '123456'),
  ...same('bigint', '9223372036854775807', '-9223372036854775808', '9007199254740993', '999999999999999999', '-999999999999999999'),
  ['integer', '+5', '5'],
  ['integer', '007', '7'],
  ['integer', '-0', '0'],
  ['integer', '00000000000000000000000000012', '12'],
  ['bigint', '+09223372036854775807', '9223372036854775807'],
  ...refused('smallint', '32768', '-32769', '99999'),
  ...refused('integer', '2147483648', '-2147483649', '99999999999999999999'),
  ...refused('bigint', '9223372036854775808', '-9223372036854775809', '1'.repeat(500)),
  ...refused('integer', '', '-', '+', '1.0', '1.', '1e3', ' 1', '1 ', '1,000', '--1', '0x10', '٣', '1_000', 'NaN'),
]);

holds('decimals are never rounded and take the scale of their type', [
  ...same('decimal(12,2)', '0.00', '0.50', '-0.50', '1.00', '9999999999.99', '-9999999999.99'),
  ...same('decimal(5,0)', '0', '12345', '-1'),
  ...same('decimal(2,2)', '0.12', '-0.99'),
  ...same('decimal(38,10)', '1234567890123456789012345678.0123456789'),
  ['decimal(12,2)', '1', '1.00'],
  ['decimal(12,2)', '1.5', '1.50'],
  ['decimal(12,2)', '1.5000', '1.50'],
  ['decimal(12,2)', '+1.50', '1.50'],
  ['decimal(12,2)', '.5', '0.50'],
  ['decimal(12,2)', '5.', '5.00'],
  ['decimal(12,2)', '-0.00', '0.00'],
  ['decimal(12,2)', '-.5', '-0.50'],
  ['decimal(12,2)', '0001.50', '1.50'],
  ['decimal(3,2)', '00000009.99', '9.99'],
  ['decimal(5,0)', '1.0', '1'],
  ['decimal(2,2)', '.5', '0.50'],
  ...refused('decimal(12,2)', '1.505', '0.001', '10000000000.00', '10000000000', '-10000000000.00', '99999999999.999'),
  ...refused('decimal(2,2)', '1.00', '1'),
  ...refused(
    'decimal(12,2)',
    '',
    '.',
    '-',
    '-.',
    '1e3',
    'NaN',
    'Infinity',
    '1,50',
    '1.5.0',
    '1..5',
    ' 1.50',
    '1-50',
    '12x.00',
    '1234567.8x',
    '--1.00',
  ),
  ...refused('decimal(38,2)', '1'.repeat(37), '0'.repeat(500)),
]);

holds('floating point keeps its text, as long as it is a number of the type', [
  ...same('double precision', '0', '-0', '0.1', '1e+20', '1.5e-07', '-1.7976931348623157e+308', '5e-324', 'NaN', 'Infinity', '-Infinity', '0e999'),
  ...same('real', '0.1', '3.4028235e+38', '1e-45'),
  ['double precision', '+1.5', '1.5'],
  ['double precision', '.5', '0.5'],
  ['double precision', '-.5', '-0.5'],
  ['double precision', '5.', '5'],
  ...refused('double precision', '1e309', '1e-400', '', '.', 'e5', '1e', 'inf', 'nan', '0x1p3', ' 1', '1 ', '1,5'),
  ...refused('real', '3.5e38', '1e-50', '-1e39'),
]);

holds('booleans become t and f', [
  ...same('boolean', 't', 'f'),
  ...['true', 'TRUE', 'yes', 'Yes', '1', 'T'].map((text): Case => ['boolean', text, 't']),
  ...['false', 'False', 'no', 'NO', '0', 'F'].map((text): Case => ['boolean', text, 'f']),
  ...refused('boolean', '', 'tr', 'on', 'y', '2', '01', ' t', 'truee', 'constructor', '__proto__', 'ﬀ'),
]);

holds('text fits by its bytes', [
  ...same('varchar(3)', '', 'abc', 'é1', '€'),
  ...same('varchar(4)', '😀'),
  ...refused('varchar(3)', 'abcd', 'ééa', '😀'),
]);

holds('dates are days of the calendar', [
  ...same('date', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31', '2023-04-30', '2023-12-31'),
  ['date', '2024-02-29 00:00:00', '2024-02-29'],
  ['date', '2024-02-29T00:00', '2024-02-29'],
  ...refused('date', '2023-02-29', '2023-02-30', '1900-02-29', '2023-04-31', '2023-00-10', '2023-13-01', '2023-01-00', '2023-01-32', '0000-01-01'),
  ...refused('date', '', '20230101', '2023-1-1', '01/02/2023', '2023-01-01x', 'infinity', '0044-03-15 BC', '10000-01-01', '2023/01/01', '2O23-01-01'),
  ...refused('date', '2024-02-29 00:00:01', '2024-02-29 00:00:00+00', '2024-02-29 00:00:00.000001'),
]);

holds('times of day', [
  ...same('time', '00:00:00', '23:59:59', '23:59:59.999999', '12:00:00.5'),
  ['time', '12:30', '12:30:00'],
  ['time', '12:30:00.500000', '12:30:00.5'],
  ['time', '12:30:00.000', '12:30:00'],
  ['time', '12:30:00.1234560', '12:30:00.123456'],
  ...refused(
    'time',
    '24:00:00',
    '12:60:00',
    '12:00:60',
    '12:00:00.1234567',
    '1:00:00',
    '12',
    '',
    '12:00:00Z',
    '12:00:00.',
    '12:00:00.5x',
    '12.00.00',
    '-1:00:00',
  ),
]);

holds('timestamps have no zone but UTC', [
  ...same('timestamp', '2024-02-29 12:00:00', '2024-02-29 12:00:00.000001', '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999'),
  ['timestamp', '2024-02-29T12:00:00', '2024-02-29 12:00:00'],
  ['timestamp', '2024-02-29t12:00:00z', '2024-02-29 12:00:00'],
  ['timestamp', '2024-02-29 12:00', '2024-02-29 12:00:00'],
  ['timestamp', '2024-02-29', '2024-02-29 00:00:00'],
  ['timestamp', '2024-02-29 12:00:00.500', '2024-02-29 12:00:00.5'],
  ['timestamp', '2024-02-29 12:00:00+00', '2024-02-29 12:00:00'],
  ['timestamp', '2024-02-29 12:00:00 +00:00', '2024-02-29 12:00:00'],
  ...refused(
    'timestamp',
    '2024-02-29 12:00:00+02',
    '2023-02-29 12:00:00',
    '2024-02-29 24:00:00',
    '2024-02-29 12:00:00.1234567',
    '2024-02-29  12:00:00',
  ),
  ...refused(
    'timestamp',
    '',
    'infinity',
    '-infinity',
    '2024-02-29 12',
    '2024-02-29 12:00:00 BC',
    'now',
    '2024-02-29 12:00:00x',
    '2024-02-29 '.padEnd(100, '0'),
  ),
]);

holds('timestamptz is an instant, written in UTC', [
  ...same('timestamptz', '2024-02-29 12:00:00+00', '2024-02-29 12:00:00.000001+00'),
  ['timestamptz', '2024-02-29 12:00:00', '2024-02-29 12:00:00+00'],
  ['timestamptz', '2024-02-29T12:00:00Z', '2024-02-29 12:00:00+00'],
  ['timestamptz', '2024-02-29 12:00:00.000001+02', '2024-02-29 10:00:00.000001+00'],
  ['timestamptz', '2024-03-01 01:00:00+05:30', '2024-02-29 19:30:00+00'],
  ['timestamptz', '2024-02-29 23:00:00-0330', '2024-03-01 02:30:00+00'],
  ['timestamptz', '0099-06-01 12:00:00+01', '0099-06-01 11:00:00+00'],
  ['timestamptz', '2024-02-29', '2024-02-29 00:00:00+00'],
  ...refused(
    'timestamptz',
    '0001-01-01 00:00:00+01',
    '9999-12-31 23:59:59-01',
    '2024-02-29 12:00:00+16',
    '2024-02-29 12:00:00+01:60',
    '2024-02-29 12:00:00 CET',
  ),
  ...refused('timestamptz', '', '2024-02-30 12:00:00+00', '2024-02-29 12:00:00+0', '2024-02-29 12:00:00+000', 'infinity'),
]);

test('what is put into the form of its type stays as it is when put there again', () => {
  const texts = ['007', '-0', '1.5', '.5', 'yes', '12:30', '2024-02-29', '2024-02-29T12:00:00.100+02:30', '1e3', '+2'];
  const types = ['bigint', 'decimal(12,2)', 'double precision', 'boolean', 'date', 'time', 'timestamp', 'timestamptz', 'varchar(40)'].map(parseType);
  for (const type of types) {
    for (const text of texts) {
      const once = convertText(type, text);
      if (once !== undefined) expect(convertText(type, once)).toBe(once);
    }
  }
});

test('integers and decimals agree with exact arithmetic', () => {
  let seed = 42;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed % below;
  };
  const digits = (count: number) => Array.from({ length: count }, () => random(10)).join('');
  for (let round = 0; round < 5000; round++) {
    const whole = digits(random(22));
    const fraction = digits(random(5));
    const text = `${['', '-', '+'][random(3)]}${whole}${fraction || random(2) ? `.${fraction}` : ''}`;
    if (whole + fraction === '') continue;
    const negative = text.startsWith('-');
    const scaled = (negative ? -1n : 1n) * BigInt(whole + fraction.padEnd(4, '0') || '0');
    const fits = scaled % 100n === 0n && scaled > -(10n ** 14n) && scaled < 10n ** 14n;
    const result = convertText(parseType('decimal(12,2)'), text);
    if (fits) expect(BigInt(result!.replace('.', '')) * 100n).toBe(scaled);
    else expect(result).toBeUndefined();

    if (text.includes('.')) continue;
    const value = (negative ? -1n : 1n) * BigInt(whole);
    const inRange = value >= -(2n ** 63n) && value < 2n ** 63n;
    expect(convertText(parseType('bigint'), text)).toBe(inRange ? value.toString() : undefined);
  }
});
