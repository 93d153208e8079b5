import { Duration } from 'aws-cdk-lib';
import { LoadMode } from '../../lib';
import { integrationOf } from '../../lib/asl/steps';
import { TaskError, type TaskHandler, VirtualClock } from '../../lib/engine';
import type { Dataset } from '../../lib/runtime/contract';
import { type BenchRow, LoadBench, loadMachine } from '../support/load-bench';

const upsert = loadMachine({ mode: LoadMode.upsert('id') });
const append = loadMachine({ mode: LoadMode.append() });
const replace = loadMachine({ mode: LoadMode.replace() });
const MODES = [
  ['upsert', upsert],
  ['append', append],
  ['replace', replace],
] as const;

jest.setTimeout(60_000);

let bench: LoadBench;
afterEach(() => bench.close());

const row = (id: number, hour: number): BenchRow => ({ id: String(id), value: `at ${hour}`, updated_at: at(hour), deleted: null });
const at = (hour: number) => `2026-01-01 ${String(hour).padStart(2, '0')}:00:00.000000`;
const table = async (name = 'items') => (await bench.on.rows(`SELECT id, value FROM ${name} ORDER BY id, value`)).map(({ id, value }) => [id, value]);
const windowOf = (low: number | null, high: number, ...rows: BenchRow[]): Dataset =>
  bench.dataset(rows, { window: [low === null ? null : at(low), at(high)] });

/** Something between the machine and one operation of the Data API; gets the number of the call, from 1. */
function around(operation: string, what: (call: number, go: () => Promise<unknown>) => Promise<unknown>) {
  let calls = 0;
  return (tasks: TaskHandler): TaskHandler =>
    (request) =>
      integrationOf(request.resource) === `aws-sdk:redshiftdata:${operation}` ? what(++calls, () => tasks(request)) : tasks(request);
}

/** Ids of the batches that were submitted, in order. */
function recording(ids: string[]) {
  return around('batchExecuteStatement', async (_, go) => {
    const answer = (await go()) as { Id: string };
    ids.push(answer.Id);
    return answer;
  });
}
const statusOf = async (Id: string) => (await bench.on.call('describeStatement', { Id })).Status;

describe.each(MODES)('when it is to %s,', (_, machine) => {
  beforeEach(async () => {
    bench = await LoadBench.open();
  });

  test('a submission whose answer is lost runs once', async () => {
    const ids: string[] = [];
    const lost = around('batchExecuteStatement', async (call, go) => {
      const { Id } = (await go()) as { Id: string };
      ids.push(Id);
      if (call <= 2) throw new TaskError('States.Timeout', 'the answer was lost');
      return { Id };
    });
    await bench.load(machine, windowOf(null, 2, row(1, 1), row(2, 1)), { around: lost });
    expect(new Set(ids).size).toBe(1);
    expect(await table()).toEqual([
      [1, 'at 1'],
      [2, 'at 1'],
    ]);
  });

  test('a submission that is repeated after its token is forgotten leaves the table as one would', async () => {
    await bench.close();
    const clock = new VirtualClock(Date.now());
    bench = await LoadBench.open({ clock });
    const ids: string[] = [];
    const late = around('batchExecuteStatement', async (call, go) => {
      const { Id } = (await go()) as { Id: string };
      ids.push(Id);
      await bench.on.ended(Id);
      if (call === 1) {
        await clock.sleep(9 * 3_600_000);
        throw new TaskError('RedshiftData.InternalServerException', 'late');
      }
      return { Id };
    });
    // nothing in the machine waits nine hours for an answer; only a caller that slept does
    const patient = JSON.parse(
      JSON.stringify(machine)
        .replaceAll('"TimeoutSeconds":60', '"TimeoutSeconds":99999')
        .replaceAll(/\+ 7200000/g, '+ 99999999'),
    );
    await bench.load(patient, windowOf(null, 2, row(1, 1)), { around: late, clock });
    expect(new Set(ids).size).toBe(2);
    expect(await table()).toEqual([[1, 'at 1']]);
  });

  test('a second run of the same window, and a statement that wakes after its successor has finished, change nothing', async () => {
    const first = windowOf(null, 2, row(1, 1), row(2, 1));
    let zombie: Record<string, unknown> | undefined;
    const sleeper =
      (tasks: TaskHandler): TaskHandler =>
      async (request) => {
        if (integrationOf(request.resource).endsWith('batchExecuteStatement')) zombie ??= request.arguments as Record<string, unknown>;
        return tasks(request);
      };
    await bench.load(machine, first, { around: sleeper });
    const before = await table();
    await bench.load(machine, first);
    const Id = await bench.on.submit(zombie!.Sqls as string[], { ClientToken: 'zombie' });
    expect((await bench.on.ended(Id)).Status).toBe('FINISHED');
    expect(await table()).toEqual(before);
  });

  test('two runs at once of the same window leave the table as one would', async () => {
    const dataset = windowOf(null, 2, row(1, 1), row(2, 1));
    await bench.load(machine, windowOf(null, 2, row(1, 0)));
    const clock = new VirtualClock(Date.now());
    const ids: string[] = [];
    const runs = await Promise.all([1, 2].map(() => bench.load(machine, dataset, { clock, around: recording(ids) })));
    expect(runs.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(await table()).toEqual([
      [1, 'at 1'],
      [2, 'at 1'],
    ]);
    expect(ids.length).toBeGreaterThanOrEqual(2);
  });
});

test('two runs that change one table at once: the second fails with error 1023 and is tried again as a new statement', async () => {
  bench = await LoadBench.open();
  await bench.load(upsert, windowOf(null, 1, row(1, 0)));
  const clock = new VirtualClock(Date.now());
  const ids: string[] = [];
  const datasets = [windowOf(1, 2, row(1, 1), row(2, 1)), windowOf(2, 3, row(1, 2), row(3, 2))];
  await Promise.all(datasets.map((dataset) => bench.load(upsert, dataset, { clock, around: recording(ids) })));
  expect(await Promise.all(ids.map(statusOf))).toEqual(['FINISHED', 'FAILED', 'FINISHED']);
  expect((await bench.on.call('describeStatement', { Id: ids[1]! })).Error).toContain('ERROR: 1023 DETAIL: Serializable isolation violation');
  expect(await table()).toEqual([
    [1, 'at 2'],
    [2, 'at 1'],
    [3, 'at 2'],
  ]);
});

test('40 pipelines that load 40 tables at once, each failing once or twice with error 1023, fill every table', async () => {
  const failures = new Map<string, number>();
  const tableOf = (sqls: readonly string[]) => /MERGE INTO "(\w+)"/.exec(sqls.join('\n'))?.[1] ?? '';
  bench = await LoadBench.open({
    failBatch: (sqls) => {
      const name = tableOf(sqls);
      const failed = failures.get(name) ?? 0;
      if (name === '' || failed > Number(name.slice(5)) % 2) return undefined;
      failures.set(name, failed + 1);
      return '1023 DETAIL: Serializable isolation violation on table - 100123, transactions forming the cycle are: 1, 2 (pid:1073741824)';
    },
  });
  const clock = new VirtualClock(Date.now());
  const machineOf = (name: string) =>
    JSON.parse(JSON.stringify(upsert).replaceAll('\\"items\\"', `\\"${name}\\"`).replaceAll('\\\\\\"items\\\\\\"', `\\\\\\"${name}\\\\\\"`));
  const names = Array.from({ length: 40 }, (_, index) => `table${index}`);
  const runs = await Promise.all(names.map((name, index) => bench.run(machineOf(name), windowOf(null, 2, row(index, 1)), { clock })));
  expect(runs.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  expect([...failures.values()].reduce((sum, count) => sum + count, 0)).toBe(60);
  for (const [index, name] of names.entries()) expect(await table(name)).toEqual([[index, 'at 1']]);
});

describe('a statement that the machine gives up is cancelled', () => {
  /** Makes the statement of the machine one that does not end by itself. */
  const endless = { WorkgroupName: 'wg', Database: 'dev' };
  async function hanging(ids: string[]) {
    bench = await LoadBench.open();
    await bench.on.putParquet('s3://b/n.parquet', 'SELECT range::INTEGER AS n FROM range(1000000)');
    await bench.on.done('CREATE TABLE n (n integer)', "COPY n FROM 's3://b/n.parquet' IAM_ROLE default PARQUET");
    return around('batchExecuteStatement', async () => {
      const answer = await bench.on.call('batchExecuteStatement', { ...endless, Sqls: ['SELECT count(*) FROM n a, n b WHERE a.n + b.n < 0'] });
      ids.push(answer.Id as string);
      return answer;
    });
  }
  const running = async (ids: readonly string[]) => {
    const ends = await Promise.all(ids.map((id) => bench.on.ended(id)));
    return ends.filter(({ Status }) => Status !== 'ABORTED');
  };

  test('when its time is over', async () => {
    const ids: string[] = [];
    const hangs = await hanging(ids);
    const machine = loadMachine({ mode: LoadMode.upsert('id'), timeout: Duration.minutes(5) });
    const { status, error } = await bench.run(machine, windowOf(null, 2, row(1, 1)), { unheld: true, around: hangs });
    expect([status, error]).toEqual(['FAILED', 'Redshift.StatementTimedOut']);
    expect(ids).toHaveLength(3);
    expect(await running(ids)).toEqual([]);
  });

  test('when nothing tells how it stands', async () => {
    const ids: string[] = [];
    const hangs = await hanging(ids);
    const blind = around('describeStatement', async () => {
      throw new TaskError('RedshiftData.InternalServerException', 'no answer');
    });
    const { status, error, cause } = await bench.run(upsert, windowOf(null, 2, row(1, 1)), {
      around: (tasks) => blind(hangs(tasks)),
    });
    expect([status, error]).toEqual(['FAILED', 'RedshiftData.InternalServerException']);
    expect(cause).toContain(`statement ${ids[0]} was cancelled, because nothing told how it stands: no answer`);
    expect(ids).toHaveLength(1);
    expect(await running(ids)).toEqual([]);
  });
});
