import type { Rule } from '../../../lib/runtime/contract';
import { columns, failure, type Values, World } from './support';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.close());

const of = columns('id integer', 'name varchar(20)', 'price decimal(5,2)');
const clean = (rows: Values[], ...rules: Rule[]) => world.clean(world.given(of, [rows]), rules);
const names = async (texts: (string | null)[], ...rules: Rule[]) =>
  (
    await clean(
      texts.map((text): Values => ['1', text, null]),
      ...rules,
    )
  ).rows.map(([, name]) => name);

test('default gives NULL a value, in the form of its type, and what a rule made NULL too', async () => {
  const { rows } = await clean(
    [
      ['1', null, null],
      ['2', '', '1.50'],
      ['3', 'c', null],
    ],
    { rule: 'nullIf', values: [''] },
    { rule: 'default', column: 'name', value: 'none' },
    { rule: 'default', column: 'price', value: '7' },
  );
  expect(rows).toEqual([
    ['1', 'none', '7.00'],
    ['2', 'none', '1.50'],
    ['3', 'c', '7.00'],
  ]);
});

test('lower and upper change the case of every alphabet, and of text columns only unless told', async () => {
  expect(await names(['aB-9', 'ÄÖ ж', null, 'Straße', '@[`{'], { rule: 'lower' })).toEqual(['ab-9', 'äö ж', null, 'straße', '@[`{']);
  expect(await names(['aB-9', 'ÄÖ ж', null, 'Straße', '@[`{'], { rule: 'upper', columns: ['name'] })).toEqual([
    'AB-9',
    'ÄÖ Ж',
    null,
    'STRASSE',
    '@[`{',
  ]);
});

test('text that grows too long by a rule is rejected', async () => {
  const { rows, rejects } = await clean(
    [['1', 'ß'.repeat(10), null]],
    { rule: 'matches', column: 'name', pattern: '.' },
    {
      rule: 'replace',
      column: 'name',
      pattern: 'ß',
      with: 'sss',
    },
  );
  expect(rows).toEqual([]);
  expect(rejects[0]!.reason).toEqual({ rule: 'overlong', column: 'name' });
});

test('replace replaces every match, with groups, and before a cast makes a number of it', async () => {
  expect(await names(['a1b22', 'none', null], { rule: 'replace', column: 'name', pattern: '(\\d)', with: '<$1>$$' })).toEqual([
    'a<1>$b<2>$<2>$',
    'none',
    null,
  ]);
  const rules: Rule[] = [
    { rule: 'replace', column: 'name', pattern: '[^0-9.-]', with: '' },
    { rule: 'cast', column: 'name', to: 'decimal(10,2)' },
  ];
  expect(await names(['EUR 1,234.5', '-3 %'], ...rules)).toEqual(['1234.50', '-3.00']);
});

test('hash makes SHA-256 of the value in the form of its type, and keeps NULL', async () => {
  const { rows, dataset } = await clean(
    [
      ['1', 'abc', '1.5'],
      ['01', null, '1.50'],
    ],
    { rule: 'hash', columns: ['name', 'price', 'id'] },
  );
  expect(rows[0]![1]).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(rows[1]![1]).toBeNull();
  expect([rows[0]![0], rows[0]![2]]).toEqual([rows[1]![0], rows[1]![2]]);
  expect(dataset.columns.map(({ type }) => type)).toEqual(['varchar(64)', 'varchar(64)', 'varchar(64)']);
});

test('rename gives a column another name, which later rules use; drop takes columns away with what is wrong in them', async () => {
  const { rows, dataset, rejects } = await clean(
    [
      ['1', ' a ', 'no price'],
      ['x', ' b ', '1.00'],
    ],
    { rule: 'rename', column: 'name', to: 'label' },
    { rule: 'trim', columns: ['label'] },
    { rule: 'drop', columns: ['price'] },
    { rule: 'rename', column: 'id', to: 'price' },
  );
  expect(dataset.columns).toEqual(columns('price integer', 'label varchar(20)'));
  expect(rows).toEqual([['1', 'a']]);
  // a rejected row has the columns it came with
  expect(rejects).toEqual([{ reason: { rule: 'type', column: 'id' }, part: 0, line: 2, row: { id: 'x', name: ' b ', price: '1.00' } }]);
});

test('a key may be of columns that are dropped or renamed afterwards', async () => {
  const rows: Values[] = [
    ['1', 'a', null],
    ['01', 'b', null],
  ];
  const result = await clean(rows, { rule: 'unique', columns: ['id'] }, { rule: 'drop', columns: ['id'] });
  expect(result.rows).toEqual([['a', null]]);
});

test.each<[Rule[], string]>([
  [
    [
      { rule: 'drop', columns: ['name'] },
      { rule: 'trim', columns: ['name'] },
    ],
    "rule 2 (trim): there is no column 'name' any more since rule 1 (drop); put this rule before that one",
  ],
  [[{ rule: 'rename', column: 'id', to: '' }], 'rule 1 (rename): the new name has 0 bytes; give it 1 to 127'],
  [[{ rule: 'rename', column: 'id', to: 'name' }], "rule 1 (rename): there is a column 'name' already"],
  [[{ rule: 'drop', columns: ['id', 'name', 'price'] }], 'rule 1 (drop): no column would be left'],
  [[{ rule: 'default', column: 'price', value: 'x' }], "rule 1 (default): 'x' is no decimal, which column 'price' is"],
  [[{ rule: 'replace', column: 'name', pattern: '(', with: '' }], 'rule 1 (replace): bad pattern'],
  [[{ rule: 'hash', columns: [] }], 'rule 1 (hash): columns is empty'],
  [[{ rule: 'unique', columns: ['id'], latest: 'name' }], "rule 1 (unique): column 'name' is varchar, which does not say what is newer"],
  [[{ rule: 'unique', columns: ['id'], latest: 'nope' }], "rule 1 (unique): no column 'nope'"],
])('%j is refused', async (rules, message) => {
  expect(await failure(clean([], ...rules))).toMatchObject({ name: 'InvalidInput', message: expect.stringContaining(message) });
});
