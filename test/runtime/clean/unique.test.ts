import { rmSync, writeFileSync } from 'node:fs';
import { finish } from '../../../lib/runtime/clean';
import { findDuplicates, type KeysOfPart } from '../../../lib/runtime/clean/cross-part';
import { KeyCollector } from '../../../lib/runtime/clean/key-collector';
import type { Rule } from '../../../lib/runtime/contract';
import { columns, failure, type Values, World } from './support';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.close());

const of = columns('id integer', 'name varchar(20)');
const unique = (...names: string[]): Rule => ({ rule: 'unique', columns: names });
const clean = (parts: Values[][], ...rules: Rule[]) => world.clean(world.given(of, parts), rules);

describe('within a part', () => {
  test('the first row of a key stays, the others are counted as deduplicated, not rejected', async () => {
    const { rows, rejects, dataset } = await clean(
      [
        [
          ['1', 'a'],
          ['2', 'b'],
          ['1', 'c'],
          ['2', 'd'],
          ['1', 'e'],
        ],
      ],
      unique('id'),
    );

    expect(rows).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ]);
    expect(rejects).toEqual([]);
    expect(dataset.counts).toMatchObject({ extracted: 5, cleaned: 2, rejected: 0, deduplicated: 3 });
  });

  test('a key is judged by its cleaned values', async () => {
    expect(
      (
        await clean(
          [
            [
              ['1', ' a'],
              ['2', 'a '],
            ],
          ],
          { rule: 'trim' },
          unique('name'),
        )
      ).rows,
    ).toEqual([['1', 'a']]);
    expect(
      (
        await clean(
          [
            [
              ['1', '7'],
              ['2', '07'],
            ],
          ],
          unique('name'),
          { rule: 'cast', column: 'name', to: 'integer' },
        )
      ).rows,
    ).toEqual([['1', '7']]);
  });

  test('a key of several columns keeps them apart', async () => {
    const rows: Values[] = [
      ['1', '23'],
      ['12', '3'],
      ['1', '23'],
    ];

    expect((await clean([rows], unique('id', 'name'))).rows).toEqual(rows.slice(0, 2));
  });

  test('a row with NULL in its key is rejected, because NULLs are not equal', async () => {
    const { rows, rejects } = await clean(
      [
        [
          ['1', null],
          ['1', ''],
          ['2', null],
        ],
      ],
      unique('id', 'name'),
    );

    expect(rows).toEqual([['1', '']]);
    expect(rejects.map((reject) => reject.reason)).toEqual([
      { rule: 'unique', column: 'name' },
      { rule: 'unique', column: 'name' },
    ]);
  });

  test('a rejected row takes no place, even when a later rule rejects it', async () => {
    const { rows, dataset } = await clean(
      [
        [
          ['1', 'bad'],
          ['1', 'good'],
        ],
      ],
      unique('id'),
      { rule: 'allowed', column: 'name', values: ['good'] },
    );

    expect(rows).toEqual([['1', 'good']]);
    expect(dataset.counts).toMatchObject({ rejected: 1, deduplicated: 0 });
  });

  test('a dataset of one part writes no keys', async () => {
    const source = world.given(of, [[['1', 'a']]]);

    await world.clean(source, [unique('id')]);

    expect(world.files(world.prefix(source)).filter((file) => file.endsWith('.keys'))).toEqual([]);
  });
});

describe('across parts', () => {
  const parts: Values[][] = [
    [
      ['1', 'a'],
      ['2', 'a'],
      ['1', 'b'],
    ],
    [
      ['3', 'c'],
      ['2', 'c'],
      ['4', 'c'],
      ['1', 'c'],
    ],
    [['5', 'd']],
    [
      ['4', 'e'],
      ['3', 'e'],
    ],
  ];

  test('the first row of a key over the whole dataset stays', async () => {
    const { rows, dataset } = await clean(parts, unique('id'));

    expect(rows).toEqual([
      ['1', 'a'],
      ['2', 'a'],
      ['3', 'c'],
      ['4', 'c'],
      ['5', 'd'],
    ]);
    expect(dataset.counts).toMatchObject({ extracted: 10, cleaned: 5, rejected: 0, deduplicated: 5 });
  });

  test('only parts that lose rows are written again, under another key', async () => {
    const source = world.given(of, parts);

    const { dataset } = await world.clean(source, [unique('id')]);

    const prefix = `s3://lake/${world.prefix(source)}/clean/0`;
    expect(world.manifest(dataset.manifest).entries.map((entry) => entry.url)).toEqual([
      `${prefix}/part-00000.jsonl.gz`,
      `${prefix}/part-00001.unique.jsonl.gz`,
      `${prefix}/part-00002.jsonl.gz`,
    ]);
    expect(dataset.parts).toBe(3);
    expect(world.files(`${world.prefix(source)}/clean/0`)).toContain('part-00001.jsonl.gz');
  });

  test('finishing twice gives the same', async () => {
    const source = world.given(of, parts);
    const answers = await world.cleanParts(source, [unique('id')]);

    const first = await finish(world.finishEvent(source, [unique('id')], answers));
    const rows = world.read(first).rows;
    const second = await finish(world.finishEvent(source, [unique('id')], answers));

    expect(second).toEqual(first);
    expect(world.read(second).rows).toEqual(rows);
  });

  test('rejected rows and rows dropped within a part do not shift the others', async () => {
    const { rows, rejects } = await clean(
      [
        [['9', 'x']],
        [
          ['x', 'x'],
          ['7', 'x'],
          ['7', 'y'],
          ['9', 'y'],
          ['y', 'y'],
          ['8', 'y'],
          ['9', 'z'],
        ],
      ],
      unique('id'),
    );

    expect(rows).toEqual([
      ['9', 'x'],
      ['7', 'x'],
      ['8', 'y'],
    ]);
    expect(rejects).toHaveLength(2);
  });

  test('agrees with a plain set on thousands of random rows', async () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    const many: Values[][] = Array.from({ length: 9 }, (_, part) =>
      Array.from({ length: random(3000) }, (_value, at) => [String(random(9000)), `${part}/${at}`]),
    );

    const { rows, dataset } = await clean(many, unique('id'));

    const seen = new Set<string | null>();
    const expected = many.flat().filter(([id]) => !seen.has(id!) && seen.add(id!));
    expect(rows).toEqual(expected);
    expect(dataset.counts.deduplicated).toBe(many.flat().length - expected.length);
  });

  test('keys that are missing, of another length or not written are refused', async () => {
    const source = world.given(of, parts);
    const answers = await world.cleanParts(source, [unique('id')]);
    const event = world.finishEvent(source, [unique('id')], answers);
    const without = { ...event, parts: answers.map(({ keys: _, ...answer }) => answer) };

    expect(await failure(finish(without))).toMatchObject({ name: 'CorruptInput', message: expect.stringContaining('part 0 answers no keys') });
    const keys = world.file(`s3://lake/${world.prefix(source)}/clean/0/part-00001.keys`);
    writeFileSync(keys, Buffer.alloc(21));
    expect(await failure(finish(event))).toMatchObject({ name: 'CorruptInput', message: expect.stringContaining('part-00001.keys') });
    rmSync(keys);
    expect(await failure(finish(event))).toMatchObject({ name: 'CorruptInput', message: expect.stringContaining('does not exist') });
  });
});

describe('finding duplicates', () => {
  /** Part by part the keys, in runs of so many; key `n` of a part is of its row `n`. */
  async function keysOf(parts: readonly number[][], runKeys: number): Promise<KeysOfPart[]> {
    return Promise.all(
      parts.map(async (keys, part) => {
        const url = `s3://lake/keys-${Math.random()}/part-${part}.keys`;
        const collector = new KeyCollector({ url, rows: keys.length, versioned: false, shared: true, runKeys });
        for (const key of keys) collector.keeps(Uint32Array.of(Math.imul(key, 0x9e3779b1), key, 0, 0), new Uint32Array(4));
        return { part, url, rows: keys.length, ...(await collector.close())! };
      }),
    );
  }

  async function found(parts: KeysOfPart[], blockBytes: number, markedRows: number): Promise<number[][]> {
    const result: number[][] = parts.map(() => []);
    for await (const { part, marks } of findDuplicates(parts, false, { blockBytes, markedRows })) {
      result[part] = [...marks.rows()];
      expect(result[part]).toHaveLength(marks.count);
    }
    return result;
  }

  test.each([
    ['in one go', 2 ** 20, 2 ** 20, 1000],
    ['a key at a time', 1, 2 ** 20, 1000],
    ['a part at a time', 2 ** 20, 1, 1000],
    ['by twos', 400, 120, 1000],
    ['of parts with several runs', 400, 120, 7],
  ])('gives the same %s', async (_, blockBytes, markedRows, runKeys) => {
    const range = (from: number, to: number, step = 1) => Array.from({ length: Math.ceil((to - from) / step) }, (_value, at) => from + at * step);
    const parts = [range(0, 60), range(50, 110), range(0, 200, 3), range(500, 520)];

    const seen = new Set<number>();
    const expected = parts.map((keys) => {
      const duplicates = keys.flatMap((key, ordinal) => (seen.has(key) ? [ordinal] : []));
      for (const key of keys) seen.add(key);
      return duplicates;
    });
    expect(await found(await keysOf(parts, runKeys), blockBytes, markedRows)).toEqual(expected);
  });
});
