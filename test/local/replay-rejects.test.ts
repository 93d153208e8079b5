import { readFileSync } from 'node:fs';
import { Duration } from 'aws-cdk-lib';
import { CleanRule, Incremental, LoadMode } from '../../lib';
import { objectFile } from '../../lib/local/paths';
import { Bench, type BenchRun, loadedRows, rejectedRows, type TablePipeline } from './support';

jest.setTimeout(180_000);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open(`
    CREATE TABLE items (id integer PRIMARY KEY, price text, updated_at timestamptz NOT NULL);
    INSERT INTO items VALUES (1, '1.00', now() - interval '1 hour'), (2, '2.00 EUR', now() - interval '1 hour'), (3, '3.00 EUR', now() - interval '1 hour')`);
});
afterAll(() => bench.close());

const pipeline = (...rules: CleanRule[]): TablePipeline => ({
  extract: { table: 'items', incremental: Incremental.by('updated_at', { lag: Duration.seconds(0) }) },
  clean: { rules: [...rules, CleanRule.cast('price', 'decimal(9,2)')] },
  parquet: false,
  mode: LoadMode.upsert('id'),
});

const rejectsOf = ({ out, dataset }: BenchRun) =>
  JSON.parse(readFileSync(objectFile(out, dataset!.rejects!.replace('manifest.json', 'dataset.json')), 'utf8')) as object;

test('rejected rows that are cleaned again by a mended rule reach the table, where newer versions stay, and the watermark does, too', async () => {
  const first = await bench.run(pipeline());
  expect(first).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 3, rejected: 2, loaded: 1 } });
  await bench.sql(`UPDATE items SET price = '33.00', updated_at = now() WHERE id = 3`);
  const { out } = first;
  const second = await bench.run(pipeline(), { out });
  expect(second).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 1, loaded: 1 } });

  const mended = pipeline(CleanRule.replace('price', ' EUR$', ''));
  const replay = await bench.run(mended, { out, input: { startAt: 'Clean', dataset: rejectsOf(first) } });

  expect(replay).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 2, cleaned: 2, rejected: 0, loaded: 2 } });
  expect(replay.states.map(({ name }) => name)).not.toContain('Extract: Run');
  expect(await rejectedRows(replay)).toEqual([]);
  expect((await loadedRows(out))!.map(({ id, price }) => [id, price])).toEqual([
    [1, '1.00'],
    [2, '2.00'],
    [3, '33.00'],
  ]);
  const next = await bench.run(mended, { out });
  expect(next.dataset!.window!.low).toBe(second.dataset!.window!.high);
});
