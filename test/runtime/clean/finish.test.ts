import { finish } from '../../../lib/runtime/clean';
import type { PartAnswer, Rule } from '../../../lib/runtime/contract';
import { columns, failure, type Limits, type Values, World } from './support';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.close());

const of = columns('id integer', 'name varchar(20)');
const CANARY = 'canary-7f3a';

describe('answers', () => {
  const parts: Values[][] = [
    [
      ['1', 'a'],
      ['x', 'a'],
    ],
    [['2', 'b']],
  ];

  async function answered(change: (answers: PartAnswer[]) => PartAnswer[]): Promise<Error> {
    const source = world.given(of, parts);
    return failure(finish(world.finishEvent(source, [], change(await world.cleanParts(source, [])))));
  }

  test('in any order make the dataset in the order of its parts', async () => {
    const source = world.given(of, parts);
    const answers = await world.cleanParts(source, []);

    const dataset = await finish(world.finishEvent(source, [], answers.reverse()));

    expect(world.read(dataset).rows).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ]);
  });

  test.each<[string, (answers: PartAnswer[]) => PartAnswer[], string]>([
    ['missing', ([first]) => [first!], "clean needs one answer for each of the 2 parts, got 1 ('0')"],
    ['double', ([first]) => [first!, first!], "clean needs one answer for each of the 2 parts, got 2 ('0', '0')"],
    ['of too many parts', ([first, second]) => [first!, second!, { ...second!, index: 2 }], 'got 3'],
    [
      'that do not count every row',
      ([first, second]) => [{ ...first!, rejected: undefined }, second!],
      'part 0 read 2 rows but answers 1 cleaned, 0 rejected',
    ],
  ])('%s are refused', async (_, change, message) => {
    expect(await answered(change)).toMatchObject({ name: 'CorruptInput', message: expect.stringContaining(message) });
  });

  test('that read other than the dataset has are refused', async () => {
    const source = world.given(of, parts);
    const answers = await world.cleanParts(source, []);

    const error = await failure(finish(world.finishEvent({ ...source, recordCount: 4 }, [], answers)));

    expect(error).toMatchObject({ name: 'CorruptInput', message: expect.stringContaining('the parts have 3 rows, the dataset says 4') });
  });
});

describe('the threshold', () => {
  /** Ten rows, four of them rejected: two for their id, one each for other reasons. */
  const parts: Values[][] = [
    [
      ['1', 'a'],
      [CANARY, 'a'],
      ['2', null],
      ['3', 'a'],
      ['4', 'a'],
    ],
    [
      ['5', 'a'],
      ['y', CANARY],
      ['6', 'way too long'],
      ['7', 'a'],
      ['8', 'a'],
    ],
  ];
  const rules: Rule[] = [
    { rule: 'required', columns: ['name'] },
    { rule: 'matches', column: 'name', pattern: '^.$|canary' },
  ];
  const run = (limits: Limits) => world.clean(world.given(of, parts), rules, limits);

  test.each<Limits>([{}, { maxRejected: 4 }, { maxRejectedShare: 0.4 }, { maxRejected: 4, maxRejectedShare: 1 }])(
    '%j lets them pass',
    async (limits) => {
      expect((await run(limits)).rejects).toHaveLength(4);
    },
  );

  test.each<[Limits, string]>([
    [{ maxRejected: 3 }, 'allowed are 3 rows'],
    [{ maxRejected: 0 }, 'allowed are 0 rows'],
    [{ maxRejectedShare: 0.39 }, 'allowed are 39 %'],
    [{ maxRejectedShare: 0 }, 'allowed are 0 %'],
    [{ maxRejected: 3, maxRejectedShare: 0.1 }, 'allowed are 3 rows and 10 %'],
  ])('%j fails the run', async (limits, message) => {
    expect(await failure(run(limits))).toMatchObject({ name: 'TooManyRejects', message: expect.stringContaining(message) });
  });

  test('tells counts, the most frequent reasons and where the rows are, but no value', async () => {
    const source = world.given(of, parts);

    const { message } = await failure(world.clean(source, rules, { maxRejected: 1 }));

    const manifest = `s3://lake/${world.prefix(source)}/rejects/0/manifest.json`;
    expect(message).toMatch(
      `4 of 10 rows (40.00 %) were rejected, allowed are 1 rows; most often by type of 'id' (2), required of 'name' (1), matches of 'name' (1); look at the rows in '${manifest}'`,
    );
    expect(message).not.toContain(CANARY);
    expect(world.lines(manifest)).toHaveLength(4);
    expect(world.files(world.prefix(source))).not.toContain('clean/0/manifest.json');
  });

  test('names three reasons at most', async () => {
    const rows: Values[] = [
      ['x', 'a'],
      ['1', null],
      ['1', 'bb'],
      ['1', 'a'.repeat(30)],
    ];
    const source = world.given(columns('id integer', 'name varchar(20)', 'more varchar(1)'), [rows.map((row) => [...row, 'toolong'])]);

    const { message } = await failure(world.clean(source, [...rules], { maxRejected: 0 }));

    expect(message.match(/\(\d+\)/g)).toHaveLength(3);
  });

  test('of an empty dataset is never passed', async () => {
    expect((await world.clean(world.given(of, []), [], { maxRejected: 0, maxRejectedShare: 0 })).rejects).toEqual([]);
  });
});

test('rules are refused here too', async () => {
  const source = world.given(of, []);

  expect(await failure(finish(world.finishEvent(source, [{ rule: 'required', columns: ['nope'] }], [])))).toMatchObject({ name: 'InvalidInput' });
});
