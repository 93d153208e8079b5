import { formatType, parseType } from '../../../lib/runtime/shared/types';

test.each([
  ['smallint', { kind: 'smallint' }],
  ['double precision', { kind: 'double precision' }],
  ['timestamptz', { kind: 'timestamptz' }],
  ['decimal(38,37)', { kind: 'decimal', precision: 38, scale: 37 }],
  ['decimal(1,0)', { kind: 'decimal', precision: 1, scale: 0 }],
  ['varchar(65535)', { kind: 'varchar', length: 65_535 }],
])('%s is taken apart and put together again', (text, type) => {
  expect(parseType(text)).toEqual(type);
  expect(formatType(parseType(text))).toBe(text);
});

test.each([['numeric(3,2)'], ['text'], ['int'], ['INTEGER'], ['decimal(3, 2)'], ['decimal'], ['varchar'], ['varchar(10) '], ['toString'], ['']])(
  '%j is not a type',
  (text) => {
    expect(() => parseType(text)).toThrow(
      expect.objectContaining({ name: 'InvalidInput', message: expect.stringContaining('use one of smallint, integer') }),
    );
  },
);

test.each([['decimal(0,0)'], ['decimal(39,2)'], ['decimal(38,38)'], ['decimal(3,4)'], ['varchar(0)'], ['varchar(65536)']])(
  '%s is out of range',
  (text) => {
    expect(() => parseType(text)).toThrow(expect.objectContaining({ name: 'InvalidInput', message: expect.stringContaining('out of range') }));
  },
);
