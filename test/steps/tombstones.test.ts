import { LoadMode } from '../../lib';
import type { Column, Dataset } from '../../lib/runtime/contract';
import { type BenchRow, COLUMNS, LoadBench, loadMachine } from '../support/load-bench';

const machine = loadMachine({ mode: LoadMode.upsert('id').deleteWhere('deleted') });

jest.setTimeout(60_000);

let bench: LoadBench;
beforeEach(async () => {
  bench = await LoadBench.open();
});
afterEach(() => bench.close());

const at = (day: number) => `2026-01-${String(day).padStart(2, '0')} 12:00:00`;
const row = (id: number, day: number, deleted: boolean | null = false): BenchRow => ({
  id: String(id),
  value: `day ${day}`,
  updated_at: at(day),
  deleted: deleted === null ? null : String(deleted),
});
const load = (...rows: BenchRow[]) => bench.load(machine, bench.dataset(rows, { window: [null, at(31)] }));
const items = async () => (await bench.on.rows('SELECT id, value FROM items ORDER BY id')).map(({ id, value }) => [id, value]);

test('a marked row leaves the table, the others stay', async () => {
  await load(row(1, 1), row(2, 1, null), row(3, 1));
  await load(row(1, 2, true));
  expect(await items()).toEqual([
    [2, 'day 1'],
    [3, 'day 1'],
  ]);
});

test('an older replay does not bring a deleted row back, and neither does one of the same version', async () => {
  await load(row(1, 1));
  await load(row(1, 2, true));
  await load(row(1, 1));
  await load(row(1, 2));
  expect(await items()).toEqual([]);
});

test('a newer version brings the row back, and the old deletion does not take it again', async () => {
  await load(row(1, 2, true));
  await load(row(1, 3));
  await load(row(1, 2, true));
  expect(await items()).toEqual([[1, 'day 3']]);
  await load(row(1, 4, true));
  await load(row(1, 3));
  expect(await items()).toEqual([]);
});

test('of several versions in one dataset the newest decides', async () => {
  await load(row(1, 1), row(1, 3), row(1, 2, true), row(2, 1), row(2, 2, true), row(3, 1, true), row(3, 1));
  expect(await items()).toEqual([[1, 'day 3']]);
});

test('whatever the order of loads, and however often each comes, the table is the same', async () => {
  const random = seeded(7);
  const versions = Array.from({ length: 40 }, () => row(Math.floor(random() * 6), 1 + Math.floor(random() * 9), random() < 0.4));
  const newest = new Map<string, BenchRow>();
  for (const one of versions) {
    const known = newest.get(one.id!);
    const isNewer = !known || one.updated_at! > known.updated_at! || (one.updated_at === known.updated_at && one.deleted === 'true');
    if (isNewer) newest.set(one.id!, one);
  }
  const expected = [...newest.values()].filter(({ deleted }) => deleted !== 'true').map(({ id, value }) => [Number(id), value]);
  for (let round = 0; round < 3; round++) {
    const order = [...versions, ...versions.slice(0, 10)].sort(() => random() - 0.5);
    for (let at = 0; at < order.length; at += 5) await load(...order.slice(at, at + 5));
    expect(await items()).toEqual(expected.sort(([a], [b]) => Number(a) - Number(b)));
  }
});

describe('a row is deleted where the column', () => {
  const marked = async (type: string, deleted: string | null, nullable = true) => {
    const columns: Column[] = COLUMNS.map((column) => (column.name === 'deleted' ? { ...column, type, nullable } : column));
    const dataset = bench.dataset([{ ...row(1, 1), deleted }], { window: [null, at(31)], columns });
    await bench.load(machine, dataset);
    const rows = (await items()).length;
    await bench.on.done('DROP TABLE items', 'DROP TABLE items_deleted_keys');
    return rows === 0;
  };

  test.each<[string, string, string]>([
    ['boolean', 'true', 'false'],
    ['smallint', '1', '0'],
    ['decimal(3,1)', '0.5', '0.0'],
  ])('of type %s is %s, and not where it is %s', async (type, set, unset) => {
    expect([await marked(type, set), await marked(type, unset), await marked(type, null)]).toEqual([true, false, false]);
  });

  test.each(['timestamp', 'timestamptz', 'date'])('of type %s has a value', async (type) => {
    expect([await marked(type, '2026-01-01'), await marked(type, null)]).toEqual([true, false]);
  });
});

describe('what cannot mark a row fails before anything is submitted:', () => {
  const refusal = async (dataset: Dataset) => {
    const { status, error, cause, history } = await bench.run(machine, dataset);
    expect({ status, error, submitted: history.filter(({ type }) => type === 'TaskScheduled') }).toEqual({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      submitted: [],
    });
    return cause;
  };

  test('a column of text', async () => {
    const columns = COLUMNS.map((column) => (column.name === 'deleted' ? { ...column, type: 'varchar(1)' } : column));
    expect(await refusal(bench.dataset([row(1, 1)], { window: [null, at(31)], columns }))).toContain(
      "tombstone column 'deleted' is varchar(1); it must be a boolean, a whole or decimal number, a date or a timestamp",
    );
  });

  test('a column that the dataset lacks', async () => {
    const columns = COLUMNS.filter(({ name }) => name !== 'deleted');
    expect(await refusal(bench.dataset([row(1, 1)], { window: [null, at(31)], columns }))).toContain(
      "tombstone column 'deleted' is not in the dataset",
    );
  });

  test('a dataset without versions', async () => {
    expect(await refusal(bench.dataset([row(1, 1)]))).toContain('needs a dataset with a window; extract incrementally');
  });
});

test('deleteWhere belongs to an upsert and names a column', () => {
  expect(() => LoadMode.append().deleteWhere('deleted')).toThrow("deleteWhere belongs to an upsert, got 'append'");
  expect(() => LoadMode.upsert('id').deleteWhere('')).toThrow('the column is empty');
});

/** A small generator, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
