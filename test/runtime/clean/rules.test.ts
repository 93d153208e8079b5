import { cleanedColumns, validateRules } from '../../../lib/runtime/clean/rules';
import type { Rule } from '../../../lib/runtime/contract';
import { columns } from './support';

const of = columns('id integer not null', 'name varchar(20)', 'price decimal(5,2)', 'day date', 'ok boolean', 'load double precision');

const GOOD: Rule[] = [
  { rule: 'trim' },
  { rule: 'trim', columns: ['id'] },
  { rule: 'nullIf', values: [''] },
  { rule: 'cast', column: 'name', to: 'decimal(12,2)' },
  { rule: 'range', column: 'name', min: '9', max: '10.5' },
  { rule: 'required', columns: ['id', 'name'] },
  { rule: 'allowed', column: 'ok', values: ['yes', 'f'] },
  { rule: 'matches', column: 'name', pattern: '^\\p{L}+$' },
  { rule: 'range', column: 'day', min: '2024-02-29' },
  { rule: 'range', column: 'id', min: '9', max: '10' },
  { rule: 'unique', columns: ['id', 'name'] },
];

/** Rules that columns do not need to be known for, and what is wrong with them. */
const BAD: [Rule[], string][] = [
  [[{ rule: 'trim', columns: [] }], 'rule 1 (trim): columns is empty; name at least one'],
  [[{ rule: 'trim' }, { rule: 'required', columns: [] }], 'rule 2 (required): columns is empty; name at least one'],
  [[{ rule: 'nullIf', values: [] }], 'rule 1 (nullIf): values is empty; name at least one'],
  [[{ rule: 'nullIf', values: [''], columns: [] }], 'rule 1 (nullIf): columns is empty; name at least one'],
  [[{ rule: 'allowed', column: 'name', values: [] }], 'rule 1 (allowed): values is empty; name at least one'],
  [[{ rule: 'unique', columns: [] }], 'rule 1 (unique): columns is empty; name at least one'],
  [
    [
      { rule: 'unique', columns: ['id'] },
      { rule: 'unique', columns: ['name'] },
    ],
    'rule 2 (unique): a dataset has one key; name all columns of the key in one unique rule',
  ],
  [[{ rule: 'cast', column: 'name', to: 'text' }], "rule 1 (cast): column type 'text' is not known; use one of smallint, integer"],
  [[{ rule: 'cast', column: 'name', to: 'decimal(39,2)' }], "rule 1 (cast): column type 'decimal(39,2)' is out of range"],
  [
    [{ rule: 'matches', column: 'name', pattern: '(' }],
    'rule 1 (matches): bad pattern /(/u: Unterminated group; write a JavaScript regular expression',
  ],
  [[{ rule: 'range', column: 'name' }], 'rule 1 (range): it has neither min nor max; give one of them'],
  [[{ rule: 'range', column: 'price', min: '10', max: '9' }], "rule 1 (range): min '10' is above max '9'; swap them"],
  [
    [
      { rule: 'cast', column: 'name', to: 'date' },
      { rule: 'range', column: 'name', min: '2024-03-01', max: '2024-02-29' },
    ],
    "rule 2 (range): min '2024-03-01' is above max '2024-02-29'; swap them",
  ],
  [
    [
      { rule: 'cast', column: 'name', to: 'integer' },
      { rule: 'allowed', column: 'name', values: ['1', 'x'] },
    ],
    "rule 2 (allowed): 'x' is no integer, which column 'name' is; write a value of that type",
  ],
  [
    [{ rule: 'shuffle', column: 'name' } as unknown as Rule],
    'rule 1 (shuffle): no such rule; use trim, nullIf, cast, required, allowed, matches, range, default, lower, upper, replace, hash, rename, drop or unique',
  ],
];

/** Rules that are wrong for these columns only. */
const WRONG_HERE: [Rule[], string][] = [
  [
    [{ rule: 'required', columns: ['id', 'nmae'] }],
    "rule 1 (required): no column 'nmae'; the dataset has 'id', 'name', 'price', 'day', 'ok', 'load'",
  ],
  [[{ rule: 'cast', column: 'Name', to: 'integer' }], "rule 1 (cast): no column 'Name'; the dataset has"],
  [[{ rule: 'trim', columns: ['x'] }], "rule 1 (trim): no column 'x'; the dataset has"],
  [[{ rule: 'range', column: 'ok', min: 't' }], "rule 1 (range): column 'ok' is boolean, which has no order; use allowed"],
  [
    [{ rule: 'range', column: 'day', min: '2023-02-29' }],
    "rule 1 (range): '2023-02-29' is no date, which column 'day' is; write a value of that type",
  ],
  [[{ rule: 'range', column: 'day', min: '2024-01-02', max: '2024-01-01' }], "rule 1 (range): min '2024-01-02' is above max '2024-01-01'; swap them"],
  [[{ rule: 'range', column: 'name', min: 'b', max: 'a' }], "rule 1 (range): min 'b' is above max 'a'; swap them"],
  [[{ rule: 'range', column: 'load', min: '1e3', max: '20' }], "rule 1 (range): min '1e3' is above max '20'; swap them"],
  [
    [{ rule: 'allowed', column: 'price', values: ['1.505'] }],
    "rule 1 (allowed): '1.505' is no decimal, which column 'price' is; write a value of that type",
  ],
];

const check = (rules: Rule[], known?: typeof of) => () => validateRules(rules, known);

test('good rules pass, at synth and with the columns known', () => {
  expect(check(GOOD)).not.toThrow();
  expect(check(GOOD, of)).not.toThrow();
});

test.each(BAD)('%j is refused, at synth and with the columns known', (rules, message) => {
  for (const known of [undefined, of]) {
    expect(check(rules, known)).toThrow(message);
    expect(check(rules, known)).toThrow(expect.objectContaining({ name: 'InvalidInput' }));
  }
});

test.each(WRONG_HERE)('%j is refused for these columns', (rules, message) => {
  expect(check(rules, of)).toThrow(message);
});

test('what depends on the columns passes at synth', () => {
  expect(check([{ rule: 'required', columns: ['anything'] }])).not.toThrow();
  expect(check([{ rule: 'range', column: 'name', min: 'b', max: 'a' }])).not.toThrow();
});

test('bounds of a number may have different numbers of digits', () => {
  expect(check([{ rule: 'range', column: 'id', min: '-10', max: '-9' }], of)).not.toThrow();
  expect(check([{ rule: 'range', column: 'price', min: '9', max: '10' }], of)).not.toThrow();
});

test('cleaned columns have the type of their last cast, and are NOT NULL where required', () => {
  const rules: Rule[] = [
    { rule: 'cast', column: 'name', to: 'integer' },
    { rule: 'required', columns: ['day'] },
    { rule: 'cast', column: 'name', to: 'bigint' },
  ];

  expect(cleanedColumns(rules, of)).toEqual(
    columns('id integer not null', 'name bigint', 'price decimal(5,2)', 'day date not null', 'ok boolean', 'load double precision'),
  );
});
