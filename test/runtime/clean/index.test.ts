import type { Rule } from '../../../lib/runtime/contract';
import { columns, failure, type Values, World } from './support';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.close());

const text = columns('id integer', 'name varchar(20)');

/** Cleans one part of these rows. */
const clean = (of: readonly string[], rows: readonly Values[], ...rules: Rule[]) => world.clean(world.given(columns(...of), [rows]), rules);
const reasons = (outcome: { rejects: readonly { reason: object }[] }) => outcome.rejects.map((reject) => reject.reason);

describe('a dataset', () => {
  test('comes out as JSON Lines with its counts, columns, window and the manifest of the rejects', async () => {
    const source = {
      ...world.given(columns('id integer not null', 'total varchar(20)'), [
        [
          ['1', ' 1.5 '],
          ['2', 'x'],
        ],
        [['3', null]],
      ]),
      window: { column: 'updated_at', low: null, high: '2024-01-01 00:00:00+00' },
    };

    const { dataset, rows, rejects } = await world.clean(source, [
      { rule: 'trim' },
      { rule: 'cast', column: 'total', to: 'decimal(12,2)' },
      { rule: 'unique', columns: ['id'] },
    ]);

    expect(rows).toEqual([
      ['1', '1.50'],
      ['3', null],
    ]);
    expect(rejects).toEqual([{ reason: { rule: 'cast', column: 'total' }, part: 0, line: 2, row: { id: '2', total: 'x' } }]);
    const prefix = `s3://lake/${world.prefix(source)}`;
    expect(dataset).toEqual({
      name: 'orders',
      manifest: `${prefix}/clean/0/manifest.json`,
      rejects: `${prefix}/rejects/0/manifest.json`,
      format: 'jsonl',
      recordCount: 2,
      parts: 2,
      columns: columns('id integer not null', 'total decimal(12,2)'),
      counts: { extracted: 3, cleaned: 2, rejected: 1, deduplicated: 0 },
      window: source.window,
    });
    const manifest = world.manifest(dataset.manifest);
    expect(manifest).toMatchObject({ format: 'jsonl', meta: { record_count: 2 }, schema: { elements: dataset.columns } });
    expect(manifest.entries.map((entry) => entry.url)).toEqual([`${prefix}/clean/0/part-00000.jsonl.gz`, `${prefix}/clean/0/part-00001.jsonl.gz`]);
    expect(world.manifest(dataset.rejects!).schema.elements).toEqual(source.columns);
  });

  test('without rows makes a manifest without entries', async () => {
    const { dataset, rows } = await world.clean(world.given(text, []), [{ rule: 'unique', columns: ['id'] }]);

    expect(rows).toEqual([]);
    expect(dataset).toMatchObject({ recordCount: 0, parts: 0, counts: { extracted: 0, cleaned: 0, rejected: 0, deduplicated: 0 } });
  });

  test('whose part has no row makes no object for it', async () => {
    const source = world.given(text, [[]]);

    const { answers, dataset } = await world.clean(source, []);

    expect(answers).toEqual([{ index: 0, attempt: '0', read: 0, deduplicated: 0 }]);
    expect(dataset.parts).toBe(0);
    expect(world.files(world.prefix(source))).not.toContain('clean/0/part-00000.jsonl.gz');
  });

  test('whose rows are all rejected is empty, and the rejects hold everything', async () => {
    const { dataset, rows, rejects } = await clean(['id integer'], [['a'], ['b'], ['c']]);

    expect(rows).toEqual([]);
    expect(rejects.map((reject) => reject.row.id)).toEqual(['a', 'b', 'c']);
    expect(dataset).toMatchObject({ recordCount: 0, parts: 0, counts: { cleaned: 0, rejected: 3 } });
  });

  test('cleaned a second time gives the same again', async () => {
    const source = world.given(text, [
      [['1', 'a']],
      [
        ['1', 'b'],
        ['2', 'c'],
      ],
    ]);
    const rules: Rule[] = [{ rule: 'unique', columns: ['id'] }];

    const first = await world.clean(source, rules);
    const second = await world.clean(source, rules);

    expect(second).toEqual(first);
  });

  test('of JSON Lines is cleaned as one of COPY text', async () => {
    const rows: Values[] = [
      ['1', ' a '],
      ['2', null],
      ['3', '"\\N"\n\t\\'],
      ['x', 'rejected'],
    ];
    const rules: Rule[] = [{ rule: 'trim' }];

    const fromCopy = await world.clean(world.given(text, [rows]), rules);
    const fromJson = await world.clean(world.given(text, [rows], 'jsonl'), rules);

    expect(fromJson.rows).toEqual(fromCopy.rows);
    expect(fromJson.rejects).toEqual(fromCopy.rejects);
  });

  test('of Parquet is refused', async () => {
    const error = await failure(world.clean({ ...world.given(text, [[]]), format: 'parquet' }, []));

    expect(error).toMatchObject({ name: 'InvalidInput', message: expect.stringContaining('got parquet; clean the dataset before') });
  });
});

describe('text', () => {
  const planes = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0x41f, plane * 0x10000 + 0x20));
  const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).slice(1);
  const nasty = [
    '',
    ' ',
    '\\N',
    'aN\n',
    '\\',
    '\\\\',
    '\\.',
    'NULL',
    '"',
    '""',
    "'",
    'a\nb',
    'a\r\nb',
    'a\tb',
    '\\t',
    'a,b;c',
    '{"a":1}',
    '\u2028\u2029',
    '\ufeffx',
    '\u007f\u0080\u009f',
    'e\u0301',
    '👩‍👩‍👧‍👦',
    ...controls,
    ...planes,
  ];

  test.each(['copy-text', 'jsonl'] as const)('of every kind survives byte for byte from %s, NULL is not the empty text', async (format) => {
    const rows: Values[] = nasty.flatMap((one, at) => [
      [one, null, nasty.at(-1 - at)!],
      [null, one, ''],
    ]);

    const outcome = await world.clean(world.given(columns('a varchar(100)', 'b varchar(100)', 'c varchar(100)'), [rows], format), []);

    expect(outcome.rows).toEqual(rows);
  });

  test('of a column whose name needs escaping keeps it', async () => {
    const names = ['we"ird\\', '__proto__', 'ключ', 'a\nb'];
    const of = names.map((name) => ({ name, type: 'varchar(9)', nullable: true }));

    const { dataset } = await world.clean(world.given(of, [[['1', '2', '3', '4']]]), [{ rule: 'required', columns: ['__proto__'] }]);

    expect(world.lines(dataset.manifest)).toEqual(['{"we\\"ird\\\\":"1","__proto__":"2","ключ":"3","a\\nb":"4"}']);
  });

  test('longer than a chunk, and rows across the borders of chunks, survive', async () => {
    const long = 'ab"€\n'.repeat(13_000).slice(0, 40_000);
    const rows: Values[] = Array.from({ length: 60 }, (_, at) => [String(at), long.slice(at)]);

    const outcome = await world.clean(world.given(columns('id integer', 'body varchar(65535)'), [rows]), []);

    expect(outcome.rows.filter(([id], at) => id !== String(at))).toEqual([]);
    expect(outcome.rows.every((row, at) => row[1] === rows[at]![1])).toBe(true);
  });

  test.each(['copy-text', 'jsonl'] as const)('with a zero byte from %s rejects its row', async (format) => {
    const outcome = await world.clean(
      world.given(
        text,
        [
          [
            ['1', 'fine'],
            ['2', 'a\0b'],
            ['3', 'fine'],
          ],
        ],
        format,
      ),
      [],
    );

    expect(outcome.rows.map(([id]) => id)).toEqual(['1', '3']);
    expect(outcome.rejects).toEqual([{ reason: { rule: 'encoding', column: 'name' }, part: 0, line: 2, row: { id: '2', name: 'a\0b' } }]);
  });

  test('that is no UTF-8 rejects its row, kept with replacement characters', async () => {
    const bytes = Buffer.concat([Buffer.from('1\tfine\n2\ta'), Buffer.of(0xc3), Buffer.from('b\n3\tä\n')]);

    const outcome = await world.clean(world.givenTexts(text, [{ text: bytes, records: 3 }]), []);

    expect(outcome.rows).toEqual([
      ['1', 'fine'],
      ['3', 'ä'],
    ]);
    expect(outcome.rejects).toMatchObject([{ reason: { rule: 'encoding', column: 'name' }, line: 2, row: { id: '2', name: 'a\ufffdb' } }]);
  });

  test('that is no UTF-8, or half a surrogate pair, in JSON Lines rejects its row', async () => {
    const lines = ['{"id":"1","name":"\\ud83d"}\n', '{"id":"2","name":"\\ud83d\\ude00"}\n', '{"id":"3","name":"a', Buffer.of(0xff), '"}\n'];

    const outcome = await world.clean(
      world.givenTexts(text, [{ text: Buffer.concat(lines.map((line) => Buffer.from(line))), records: 3 }], 'jsonl'),
      [],
    );

    expect(outcome.rows).toEqual([['2', '😀']]);
    expect(reasons(outcome)).toEqual([
      { rule: 'encoding', column: 'name' },
      { rule: 'encoding', column: 'name' },
    ]);
  });
});

describe('trim', () => {
  test.each([
    [' a ', 'a'],
    ['\t\r\n\v\f a b \n', 'a b'],
    ['   ', ''],
    ['', ''],
    ['\u00a0a\u00a0', 'a'],
    [' \u3000\ufeff a\u2003 ', 'a'],
    ['à', 'à'],
    ['Ġ\u200b', 'Ġ\u200b'],
    ['\u2028', ''],
  ])('makes %j to %j', async (value, trimmed) => {
    expect((await clean(['name varchar(20)'], [[value]], { rule: 'trim' })).rows).toEqual([[trimmed]]);
  });

  test('touches every varchar column, or the columns it names', async () => {
    const rows: Values[] = [[' 1', ' 2', null]];

    expect((await clean(['a varchar(9)', 'b varchar(9)', 'c varchar(9)'], rows, { rule: 'trim' })).rows).toEqual([['1', '2', null]]);
    expect((await clean(['a varchar(9)', 'b varchar(9)', 'c varchar(9)'], rows, { rule: 'trim', columns: ['b'] })).rows).toEqual([[' 1', '2', null]]);
    expect(reasons(await clean(['a integer', 'b varchar(9)', 'c varchar(9)'], rows, { rule: 'trim' }))).toEqual([{ rule: 'type', column: 'a' }]);
  });

  test('makes a text fit that was too long', async () => {
    expect((await clean(['name varchar(3)'], [[' abc ']], { rule: 'matches', column: 'name', pattern: '.' }, { rule: 'trim' })).rows).toEqual([
      ['abc'],
    ]);
  });
});

describe('nullIf', () => {
  test('makes NULL of exactly these texts', async () => {
    const rows: Values[] = ['', 'N/A', 'n/a', ' ', 'é', 'ab', null].map((value) => [value]);

    const outcome = await clean(['name varchar(9)'], rows, { rule: 'nullIf', values: ['', 'N/A', 'é'] });

    expect(outcome.rows.flat()).toEqual([null, null, 'n/a', ' ', null, 'ab', null]);
  });

  test('touches every varchar column, or the columns it names', async () => {
    const of = ['a integer', 'b varchar(9)', 'c varchar(9)'];

    expect((await clean(of, [['0', '0', '0']], { rule: 'nullIf', values: ['0'] })).rows).toEqual([['0', null, null]]);
    expect((await clean(of, [['0', '0', '0']], { rule: 'nullIf', values: ['0'], columns: ['a', 'c'] })).rows).toEqual([[null, '0', null]]);
  });

  test('that empties a NOT NULL column rejects the row', async () => {
    const outcome = await clean(['name varchar(9) not null'], [[''], ['a']], { rule: 'nullIf', values: [''] });

    expect(outcome.rows).toEqual([['a']]);
    expect(outcome.rejects).toMatchObject([{ reason: { rule: 'type', column: 'name' }, row: { name: '' } }]);
  });
});

describe('cast', () => {
  test('converts, rejects what does not convert exactly, and lets NULL be', async () => {
    const outcome = await clean(['qty varchar(9)'], [['007'], ['7.5'], [null], ['']], { rule: 'cast', column: 'qty', to: 'integer' });

    expect(outcome.rows).toEqual([['7'], [null]]);
    expect(reasons(outcome)).toEqual([
      { rule: 'cast', column: 'qty' },
      { rule: 'cast', column: 'qty' },
    ]);
    expect(outcome.dataset.columns).toEqual(columns('qty integer'));
  });

  test('can be followed by rules that see the new type', async () => {
    const rules: Rule[] = [{ rule: 'cast', column: 'qty', to: 'integer' }, { rule: 'range', column: 'qty', min: '9', max: '10' }, { rule: 'trim' }];

    expect((await clean(['qty varchar(9)'], [['8'], ['9'], ['10'], ['11']], ...rules)).rows).toEqual([['9'], ['10']]);
  });

  test('of a column that was cast before starts from the value that gave', async () => {
    const rules: Rule[] = [
      { rule: 'cast', column: 'at', to: 'timestamp' },
      { rule: 'cast', column: 'at', to: 'date' },
    ];

    const outcome = await clean(['at varchar(40)'], [['2024-02-29T00:00Z'], ['2024-02-29T00:01Z']], ...rules);

    expect(outcome.rows).toEqual([['2024-02-29']]);
    expect(outcome.dataset.columns).toEqual(columns('at date'));
  });
});

test('required rejects NULL, not the empty text, and makes the column NOT NULL', async () => {
  const outcome = await clean(
    ['a varchar(9)', 'b integer'],
    [
      ['', '1'],
      [null, '1'],
      ['x', null],
    ],
    { rule: 'required', columns: ['a', 'b'] },
  );

  expect(outcome.rows).toEqual([['', '1']]);
  expect(reasons(outcome)).toEqual([
    { rule: 'required', column: 'a' },
    { rule: 'required', column: 'b' },
  ]);
  expect(outcome.dataset.columns).toEqual(columns('a varchar(9) not null', 'b integer not null'));
});

describe('allowed', () => {
  test('rejects other values, and lets NULL be', async () => {
    const outcome = await clean(['state varchar(9)'], [['paid'], ['Paid'], ['öpen'], [null], ['']], {
      rule: 'allowed',
      column: 'state',
      values: ['paid', 'öpen'],
    });

    expect(outcome.rows.flat()).toEqual(['paid', 'öpen', null]);
    expect(reasons(outcome)).toEqual([
      { rule: 'allowed', column: 'state' },
      { rule: 'allowed', column: 'state' },
    ]);
  });

  test('compares as values of the type', async () => {
    const outcome = await clean(['price decimal(5,2)'], [['1.50'], ['1.5'], ['2.00']], { rule: 'allowed', column: 'price', values: ['1.5'] });

    expect(outcome.rows.flat()).toEqual(['1.50', '1.50']);
  });
});

test('matches looks anywhere in the value, by characters, and lets NULL be', async () => {
  const values = ['a@b', 'ab', '@', null, 'ä@ö'];
  const outcome = await clean(
    ['mail varchar(9)'],
    values.map((value) => [value]),
    { rule: 'matches', column: 'mail', pattern: '.@.' },
  );
  const whole = await clean(['mail varchar(9)'], [['😀'], ['ab']], { rule: 'matches', column: 'mail', pattern: '^.$' });

  expect(outcome.rows.flat()).toEqual(['a@b', null, 'ä@ö']);
  expect(reasons(outcome)[0]).toEqual({ rule: 'matches', column: 'mail' });
  expect(whole.rows.flat()).toEqual(['😀']);
});

describe('range', () => {
  test.each([
    ['integer', '-5', '10', ['-5', '-1', '0', '9', '10'], ['-6', '-10', '11', '100']],
    ['bigint', '9007199254740992', '9223372036854775807', ['9007199254740993'], ['9007199254740991', '-9223372036854775808']],
    ['decimal(12,2)', '-1.5', '10', ['-1.50', '-1.49', '0.00', '9.99', '10.00'], ['-1.51', '-10.00', '10.01', '100.00']],
    ['double precision', '-0.5', '1e3', ['-0.5', '999.9', '1000', '1e+03'], ['1e+04', '-1', 'NaN', 'Infinity']],
    ['date', '2024-02-29', '2024-12-31', ['2024-02-29', '2024-10-01', '2024-12-31'], ['2024-02-28', '2025-01-01']],
    [
      'timestamp',
      '2024-01-01',
      '2024-01-01 00:00:00.5',
      ['2024-01-01 00:00:00', '2024-01-01 00:00:00.45'],
      ['2024-01-01 00:00:00.51', '2024-01-01 00:00:01'],
    ],
    [
      'timestamptz',
      '2024-01-01T02:00+02',
      '2024-01-01 00:00:01Z',
      ['2024-01-01 00:00:00+00', '2024-01-01 00:00:00.5+00'],
      ['2023-12-31 23:59:59.9+00'],
    ],
    ['varchar(9)', 'b', 'd', ['b', 'c', 'czz', 'd'], ['a', 'da', 'é', '']],
  ])('of %s is inclusive and by the type', async (type, min, max, inside, outside) => {
    const outcome = await clean(
      [`x ${type}`],
      [...inside, ...outside, null].map((value) => [value]),
      { rule: 'range', column: 'x', min, max },
    );

    expect(outcome.rows.flat()).toEqual([...inside, null]);
    expect(outcome.rejects.map((reject) => reject.row.x)).toEqual(outside);
    expect(reasons(outcome)[0]).toEqual({ rule: 'range', column: 'x' });
  });

  test('may be open at one end', async () => {
    expect((await clean(['x integer'], [['1'], ['5']], { rule: 'range', column: 'x', min: '2' })).rows).toEqual([['5']]);
    expect((await clean(['x integer'], [['1'], ['5']], { rule: 'range', column: 'x', max: '2' })).rows).toEqual([['1']]);
  });
});

describe('a row', () => {
  test('is rejected by the first rule it breaks, with its values as they came', async () => {
    const outcome = await clean(
      ['a varchar(9)', 'b varchar(9)'],
      [[' x ', '-\t-']],
      { rule: 'trim' },
      { rule: 'nullIf', values: ['x'] },
      { rule: 'matches', column: 'b', pattern: '^\\d' },
      { rule: 'required', columns: ['a'] },
    );

    expect(outcome.rejects).toEqual([{ reason: { rule: 'matches', column: 'b' }, part: 0, line: 1, row: { a: ' x ', b: '-\t-' } }]);
  });

  test('that its columns cannot hold is rejected by type, without any rule', async () => {
    const of = ['id integer not null', 'name varchar(3)', 'at timestamptz', 'ok boolean'];
    const good = ['1', 'abc', '2024-01-01 00:00:00+00', 't'];
    const bad = (column: number, value: string | null) => good.map((other, at) => (at === column ? value : other));

    const outcome = await clean(of, [good, bad(0, null), bad(0, '2147483648'), bad(1, 'é€'), bad(2, 'infinity'), bad(3, '?')]);

    expect(outcome.rows).toEqual([good]);
    expect(reasons(outcome)).toEqual(['id', 'id', 'name', 'at', 'ok'].map((column) => ({ rule: column === 'name' ? 'overlong' : 'type', column })));
  });

  test('is counted by its line from 1 and its part', async () => {
    const source = world.given(columns('id integer'), [[['1']], [['2'], ['x'], ['3'], ['y']]]);

    const { rejects } = await world.clean(source, []);

    expect(rejects.map(({ part, line }) => [part, line])).toEqual([
      [1, 2],
      [1, 4],
    ]);
  });
});
