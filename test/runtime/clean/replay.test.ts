import { readFileSync } from 'node:fs';
import type { Dataset, Rule } from '../../../lib/runtime/contract';
import { columns, failure, type Outcome, type Values, World } from './support';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.close());

const of = columns('id integer', 'name varchar(40)');
const window = { column: 'id', low: null, high: '9' };

/** The dataset that lies beside the manifest of rejects. */
const again = (outcome: Outcome) =>
  JSON.parse(readFileSync(world.file(outcome.dataset.rejects!.replace('manifest.json', 'dataset.json')), 'utf8')) as Dataset;

/** Rejected rows of two parts: one for its id, two for their names, in rows of odd characters. */
async function rejected(): Promise<Outcome> {
  const parts: Values[][] = [
    [
      ['1', 'ok'],
      ['x', 'tab\t "quoted" \\ \n é🎂'],
      ['2', 'N/A'],
    ],
    [
      ['3', null],
      ['4', 'ok'],
    ],
  ];
  const rules: Rule[] = [
    { rule: 'nullIf', values: ['N/A'] },
    { rule: 'required', columns: ['name'] },
  ];
  return world.clean({ ...world.given(of, parts), window }, rules);
}

test('rejected rows are cleaned again by mended rules, from the row as it came', async () => {
  const first = await rejected();
  const dataset = again(first);
  expect(dataset).toEqual({
    name: 'orders',
    manifest: first.dataset.rejects,
    format: 'rejects',
    recordCount: 3,
    parts: 2,
    columns: of,
    counts: { extracted: 3 },
    window,
    partial: true,
  });

  const mended: Rule[] = [{ rule: 'default', column: 'name', value: 'none' }];
  const second = await world.clean(dataset, mended);

  expect(second.rows).toEqual([
    ['2', 'N/A'],
    ['3', 'none'],
  ]);
  expect(second.dataset).toMatchObject({
    format: 'jsonl',
    window,
    partial: true,
    counts: { extracted: 3, cleaned: 2, rejected: 1, deduplicated: 0 },
  });
  expect(second.rejects.map(({ reason, row }) => [reason, row])).toEqual([
    [
      { rule: 'type', column: 'id' },
      { id: 'x', name: 'tab\t "quoted" \\ \n é🎂' },
    ],
  ]);

  const third = await world.clean(again(second), [{ rule: 'replace', column: 'id', pattern: 'x', with: '7' }]);
  expect(third.rows).toEqual([['7', 'tab\t "quoted" \\ \n é🎂']]);
  expect(again(third)).toMatchObject({ recordCount: 0, parts: 0 });
});

test('what was no text stays rejected, as its bytes are not there any more', async () => {
  const source = world.givenTexts(of, [{ text: Buffer.from([0x31, 0x09, 0xff, 0x0a]), records: 1 }]);
  const first = await world.clean(source, []);
  expect(first.rejects[0]!.reason).toEqual({ rule: 'encoding', column: 'name' });
  const second = await world.clean(again(first), []);
  expect(second.rows).toEqual([]);
  expect(second.rejects[0]!.reason).toEqual({ rule: 'encoding', column: 'name' });
});

test('the window follows its column to another name, and does not outlive it', async () => {
  const source = { ...world.given(of, [[['1', 'a']]]), window };
  const renamed = await world.clean(source, [{ rule: 'rename', column: 'id', to: 'key' }]);
  expect(renamed.dataset.window).toEqual({ ...window, column: 'key' });
  const error = await failure(world.clean(source, [{ rule: 'drop', columns: ['id'] }]));
  expect(error).toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining("a drop rule takes 'id', by which the load tells which row is newer"),
  });
});

describe('the threshold at its edges', () => {
  const rows = (bad: number, good: number): Values[] => [
    ...Array.from({ length: bad }, (): Values => ['x', 'a']),
    ...Array.from({ length: good }, (): Values => ['1', 'a']),
  ];
  test.each([
    [0.1, 1, 9, true],
    [0.07, 7, 93, true],
    [0.29, 29, 71, true],
    [0.29, 30, 71, false],
    [0, 0, 3, true],
    [1, 3, 0, true],
    [0.99, 3, 0, false],
  ])('a share of %d with %d rejected and %d cleaned', async (maxRejectedShare, bad, good, passes) => {
    const run = world.clean(world.given(of, [rows(bad, good)]), [], { maxRejectedShare });
    if (passes) expect((await run).rejects).toHaveLength(bad);
    else expect(await failure(run)).toMatchObject({ name: 'TooManyRejects' });
  });
});
