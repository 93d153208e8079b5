import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Size } from 'aws-cdk-lib';
import { CleanRule, FanOut, LoadMode } from '../../lib';
import { Bench, loadedRows, rejectedRows } from './support';

jest.setTimeout(180_000);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open(`CREATE SCHEMA sales; CREATE TABLE sales.events (id int, version int, note text);
    INSERT INTO sales.events SELECT n % 60, n, CASE WHEN n % 10 = 0 THEN NULL ELSE 'note ' || n END FROM generate_series(0, 199) n`);
});
afterAll(() => bench?.close());

const pipeline = (fanOut: FanOut, last: CleanRule) => ({
  extract: { table: 'sales.events', partSize: Size.bytes(400) },
  clean: { fanOut, rules: [CleanRule.required('note'), last] },
  parquet: false as const,
  mode: LoadMode.replace(),
});

const notes = async (out: string) => (await loadedRows(out))!.map(({ id, version }) => [Number(id), Number(version)]).sort(([a], [b]) => a! - b!);

test.each([FanOut.INLINE, FanOut.DISTRIBUTED, FanOut.DISTRIBUTED_EXPRESS])('%s keeps the same row of each key over all parts', async (fanOut) => {
  const first = await bench.run(pipeline(fanOut, CleanRule.unique('id')));
  expect(first.counts).toEqual({ extracted: 200, rejected: 20, cleaned: 54, deduplicated: 126, loaded: 54 });
  expect(readdirSync(join(first.out, 's3'), { recursive: true }).filter((name) => /Extract.*part-.*gz$/.test(String(name))).length).toBeGreaterThan(
    4,
  );
  const ids = Array.from({ length: 60 }, (_, id) => id).filter((id) => id % 10 !== 0);
  expect(await notes(first.out)).toEqual(ids.map((id) => [id, id]));
  expect(await rejectedRows(first)).toHaveLength(20);

  const latest = await bench.run(pipeline(fanOut, CleanRule.latest('version', 'id')));
  expect(latest.counts).toEqual({ extracted: 200, rejected: 20, cleaned: 54, deduplicated: 126, loaded: 54 });
  expect(await notes(latest.out)).toEqual(ids.map((id) => [id, id + (id < 20 ? 180 : 120)]));
});
