import { KeyCollector } from '../../../lib/runtime/clean/key-collector';
import type { Rule } from '../../../lib/runtime/contract';
import { columns, type Values, World } from './support';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.close());

const latest = (column: string): Rule => ({ rule: 'unique', columns: ['id'], latest: column });

async function kept(type: string, parts: (string | null)[][][]): Promise<Values[]> {
  const of = columns('id integer', `at ${type}`, 'name varchar(20)');
  const { rows, dataset } = await world.clean(
    world.given(
      of,
      parts.map((rows) => rows.map((row) => row as Values)),
    ),
    [latest('at')],
  );
  const { extracted, cleaned, deduplicated } = dataset.counts;
  expect(cleaned! + deduplicated!).toBe(extracted);
  return rows.map(([id, , name]) => [id!, name!]);
}

describe('of each key the row with the latest version stays', () => {
  test('within a part, wherever it stands', async () => {
    const rows = [
      ['1', '2024-01-01 00:00:00', 'old'],
      ['2', '2024-01-01 00:00:00', 'only'],
      ['1', '2024-01-01 00:00:00.5', 'new'],
      ['1', '2023-12-31 23:59:59.999999', 'late'],
    ];
    expect(await kept('timestamp', [rows])).toEqual([
      ['2', 'only'],
      ['1', 'new'],
    ]);
  });

  test('across parts, and of equal versions the one read last', async () => {
    expect(
      await kept('integer', [
        [
          ['1', '7', 'a'],
          ['2', '9', 'b'],
          ['3', '-1', 'c'],
          ['4', null, 'd'],
        ],
        [
          ['1', '7', 'e'],
          ['2', '10', 'f'],
          ['2', '8', 'g'],
        ],
        [
          ['3', '-2', 'h'],
          ['4', '-2147483648', 'i'],
          ['2', '10', 'j'],
        ],
      ]),
    ).toEqual([
      ['3', 'c'],
      ['1', 'e'],
      ['4', 'i'],
      ['2', 'j'],
    ]);
  });

  test.each([
    ['smallint', ['-10', '-9', '0', '9', '10']],
    ['bigint', ['-9223372036854775808', '-1', '9007199254740993', '9007199254740994', '9223372036854775807']],
    ['decimal(38,2)', ['-999999999999999999999999999999999999.99', '-0.01', '0.00', '0.10', '999999999999999999999999999999999999.99']],
    ['date', ['0001-01-01', '1999-12-31', '2000-01-01', '9999-12-31']],
    ['time', ['00:00:00', '00:00:00.000001', '00:00:00.1', '23:59:59']],
    ['timestamptz', ['0001-01-01 00:00:00+00', '2024-01-01 00:00:00+00', '2024-01-01 00:00:00.000001+00', '2024-01-01 00:00:01+00']],
  ])('by the order of %s', async (type, ascending) => {
    for (const [older, newer] of ascending.slice(1).map((text, at) => [ascending[at]!, text] as const)) {
      const parts = [
        [
          ['1', newer, 'newer'],
          ['1', older, 'older'],
        ],
      ];
      expect(await kept(type, parts)).toEqual([['1', 'newer']]);
      expect(await kept(type, [parts[0]!.toReversed()])).toEqual([['1', 'newer']]);
      expect(
        await kept(
          type,
          parts[0]!.map((row) => [row]),
        ),
      ).toEqual([['1', 'newer']]);
    }
  });

  test('as a plain map says, on thousands of random rows', async () => {
    let seed = 11;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    const parts = Array.from({ length: 7 }, (_, part) =>
      Array.from({ length: random(2000) }, (_row, at) => [String(random(1500)), String(random(50)), `${part}/${at}`]),
    );
    const winners = new Map<string, string[]>();
    for (const row of parts.flat()) if (Number(row[1]) >= Number(winners.get(row[0]!)?.[1] ?? -1)) winners.set(row[0]!, row);
    const expected = parts.flat().filter((row) => winners.get(row[0]!) === row);
    expect(await kept('integer', parts)).toEqual(expected.map(([id, , name]) => [id, name]));
  });
});

test('a part of more keys than are held at a time loses its duplicates all the same', async () => {
  const runs = jest.replaceProperty(KeyCollector, 'RUN_KEYS', 16);
  try {
    for (const rule of [{ rule: 'unique', columns: ['id'] }, latest('at')] as Rule[]) {
      const rows = Array.from({ length: 300 }, (_, at): Values => [String(at % 70), String(at), 'x']);
      const of = columns('id integer', 'at integer', 'name varchar(20)');
      const result = await world.clean(world.given(of, [rows]), [rule]);
      expect(result.answers[0]!.keys!.runs.length).toBeGreaterThan(4);
      const ats = result.rows.map(([, at]) => Number(at)).sort((one, other) => one - other);
      expect(ats).toEqual(Array.from({ length: 70 }, (_, at) => ('latest' in rule ? at + 230 : at)));
      expect(result.dataset.counts).toMatchObject({ cleaned: 70, deduplicated: 230 });
    }
  } finally {
    runs.restore();
  }
});
