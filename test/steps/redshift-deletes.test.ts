import { Duration } from 'aws-cdk-lib';
import { LambdaClean, RdsExtract, RedshiftDeletes, type RedshiftDeletesProps } from '../../lib';
import { VirtualClock } from '../../lib/engine';
import type { Column } from '../../lib/runtime/contract';
import { aslOf } from '../../lib/testing';
import { testStack } from '../support/app';
import { existing } from '../support/existing';
import { alone, LoadBench } from '../support/load-bench';
import { pipelineOf, synthErrors } from '../support/stacks';

function deletes(props: Partial<RedshiftDeletesProps> = {}) {
  const stack = testStack();
  const { source, warehouse } = existing(stack);
  const keys = new RdsExtract(stack, 'Keys', { source, table: 'items', columns: ['id'] });
  const step = new RedshiftDeletes(stack, 'Deletes', { warehouse, table: 'items', key: ['id'], ...props });
  pipelineOf(stack, keys.next(new LambdaClean(stack, 'Clean')).next(step));
  expect(synthErrors(stack)).toBe('');
  return alone(aslOf(stack), 'Deletes: Transaction');
}

const KEYS: readonly Column[] = [{ name: 'id', type: 'integer', nullable: false }];
const NOON = Date.UTC(2026, 0, 10, 12);

jest.setTimeout(60_000);

let bench: LoadBench;
beforeEach(async () => {
  bench = await LoadBench.open();
  await bench.on.done(
    'CREATE TABLE items (id integer, value varchar(20), updated_at timestamp, gone_at timestamp)',
    `INSERT INTO items SELECT n, 'row', '2026-01-01 00:00:00', NULL FROM (${Array.from({ length: 10 }, (_, n) => `SELECT ${n + 1} AS n`).join(' UNION ALL ')})`,
  );
});
afterEach(() => bench.close());

const keysOf = (...ids: number[]) =>
  bench.dataset(
    ids.map((id) => ({ id: String(id) })),
    { columns: KEYS },
  );
const ids = async (where = 'TRUE') => (await bench.on.rows(`SELECT id FROM items WHERE ${where} ORDER BY id`)).map(({ id }) => id);
const run = (machine: ReturnType<typeof deletes>, dataset: ReturnType<typeof keysOf>) =>
  bench.run(machine, dataset, { clock: new VirtualClock(NOON) });
const NINE = [1, 2, 3, 4, 5, 6, 7, 8, 9];

test('rows whose key is not in the source are deleted and counted, and a second run changes nothing', async () => {
  const machine = deletes();
  expect((await run(machine, keysOf(...NINE, 77))).output).toMatchObject({ counts: { deleted: 1 } });
  expect(await ids()).toEqual(NINE);
  expect((await run(machine, keysOf(...NINE, 77))).output).toMatchObject({ counts: { deleted: 0 } });
  expect(await ids()).toEqual(NINE);
});

test('more than the share is refused with the counts, and nothing is deleted', async () => {
  const { status, error, cause } = await run(deletes(), keysOf(1, 2, 3, 4, 5, 6, 7, 8));
  expect([status, error]).toEqual(['FAILED', 'Redshift.StatementFailed']);
  expect(cause).toContain('delete check failed: 2 of 10 rows are not in the source, and maxShare allows a share of 0.1');
  expect(await ids()).toHaveLength(10);
  await bench.load(deletes({ maxShare: 0.2 }), keysOf(1, 2, 3, 4, 5, 6, 7, 8));
  expect(await ids()).toHaveLength(8);
});

test('a soft delete marks rows with the time of the run, once, and unmarks those that come back', async () => {
  const machine = deletes({ softDelete: 'gone_at' });
  await run(machine, keysOf(...NINE));
  expect(await bench.on.rows('SELECT id, gone_at FROM items WHERE gone_at IS NOT NULL')).toEqual([{ id: 10, gone_at: '2026-01-10 12:00:00' }]);
  await bench.run(machine, keysOf(...NINE), { clock: new VirtualClock(NOON + 3_600_000) });
  expect(await ids("gone_at = '2026-01-10 12:00:00'")).toEqual([10]);
  expect((await run(machine, keysOf(...NINE, 10))).output).toMatchObject({ counts: { deleted: 0 } });
  expect(await ids('gone_at IS NULL')).toHaveLength(10);
});

test('rows that changed less than the grace before the run are left for a later one', async () => {
  await bench.on.done("UPDATE items SET updated_at = '2026-01-10 11:00:00' WHERE id = 10");
  await run(deletes({ version: 'updated_at' }), keysOf(...NINE));
  expect(await ids()).toHaveLength(10);
  await run(deletes({ version: 'updated_at', grace: Duration.minutes(59) }), keysOf(...NINE));
  expect(await ids()).toEqual(NINE);
});

describe('nothing is submitted and nothing deleted for', () => {
  const refusal = async (dataset: ReturnType<typeof keysOf>, machine = deletes()) => {
    const { error, cause } = await run(machine, dataset);
    expect([error, (await ids()).length]).toEqual(['States.QueryEvaluationError', 10]);
    return cause;
  };

  test('keys of a window', async () => {
    const window = { column: 'updated_at', low: null, high: '2026-01-02' };
    expect(await refusal({ ...keysOf(...NINE), window })).toContain('extract them without incremental');
  });

  test('a dataset without the key', async () => {
    expect(await refusal(keysOf(...NINE), deletes({ key: ['order_id'] }))).toContain("key column 'order_id' is not in the dataset");
  });

  test('keys of which some were rejected, unless that is allowed', async () => {
    const dataset = { ...keysOf(...NINE), counts: { rejected: 2 } };
    expect(await refusal(dataset)).toContain('2 keys were rejected by cleaning, and their rows would look deleted');
    await run(deletes({ allowRejectedKeys: true }), dataset);
    expect(await ids()).toEqual(NINE);
  });
});

test('fewer keys staged than the manifest says delete nothing', async () => {
  const { cause } = await run(deletes(), { ...keysOf(...NINE), recordCount: 10 });
  expect(cause).toContain('count check failed: staged 9 rows, the manifest says 10');
  expect(await ids()).toHaveLength(10);
});

test.each<[string, Partial<RedshiftDeletesProps>, string]>([
  ['an empty key', { key: [] }, '[Test/Deletes] key is empty'],
  ['a share above 1', { maxShare: 10 }, '[Test/Deletes] maxShare is 10'],
  ['a share below 0', { maxShare: -0.1 }, '[Test/Deletes] maxShare is -0.1'],
  ['a table that cannot be read', { table: 'a.b.c' }, "[Test/Deletes] table name 'a.b.c'"],
])('%s is refused', (_, props, message) => {
  expect(() => deletes(props)).toThrow(message);
});
