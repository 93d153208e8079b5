import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { RetryPolicy } from '../../lib';
import type { SourceConnection } from '../../lib/local/environment';
import { Bench, type BenchRun, expectFailure, loadedRows, type TablePipeline } from './support';

jest.setTimeout(180_000);

const ROWS = 20_000;
const TRY_MS = 10_000;
let bench: Bench;
const servers: Server[] = [];

beforeAll(async () => {
  bench = await Bench.open(`
    CREATE SCHEMA sales; CREATE SCHEMA secret;
    CREATE TABLE sales.orders (id int PRIMARY KEY, note text);
    INSERT INTO sales.orders SELECT n, (SELECT string_agg(md5((n * 4 + i)::text), '') FROM generate_series(1, 4) i) FROM generate_series(1, ${ROWS}) n;
    CREATE TABLE secret.plans (id int);
    CREATE ROLE reader LOGIN PASSWORD 'reader-password'; GRANT USAGE ON SCHEMA sales TO reader;
    CREATE VIEW sales.slow AS SELECT n AS id, (SELECT 1 FROM pg_sleep(0.02 + n * 0)) AS one FROM generate_series(1, 50) n;
  `);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await bench?.close();
});

const pipeline: TablePipeline = { extract: { table: 'sales.orders' }, parquet: false };

/** Runs with other ways to the database, and times the tries. */
async function timed(source: Partial<SourceConnection>, changes: Partial<TablePipeline> = {}): Promise<BenchRun> {
  const started = Date.now();
  const run = await bench.run({ ...pipeline, ...changes }, { source: { ...bench.db, ...source } });
  const tries = run.states.find(({ name }) => name === 'Extract: Run')!.attempts;
  expect((Date.now() - started) / tries).toBeLessThan(TRY_MS);
  return run;
}

/** A TCP server on a free port. */
async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => onSocket(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a database that refuses says what is likely missing', () => {
  test.each<[string, () => Partial<SourceConnection>, string, { error: string; attempts: number; says: string[] }]>([
    [
      'the password',
      () => ({ password: 'wrong-password' }),
      'sales.orders',
      {
        error: 'SourceUnavailable',
        attempts: 3,
        says: ["refused the password of user 'postgres'", 'check that the secret is the one of this instance', 'last rotation ended'],
      },
    ],
    [
      'the user',
      () => ({ user: 'nobody' }),
      'sales.orders',
      { error: 'SourceUnavailable', attempts: 3, says: ["refused the password of user 'nobody'", 'check that the secret'] },
    ],
    [
      'to read the table',
      () => ({ user: 'reader', password: 'reader-password' }),
      'sales.orders',
      { error: 'AccessDenied', attempts: 1, says: ["user 'reader' may not read table 'sales.orders'", 'GRANT SELECT ON sales.orders TO'] },
    ],
    [
      'to look into the schema',
      () => ({ user: 'reader', password: 'reader-password' }),
      'secret.plans',
      { error: 'AccessDenied', attempts: 1, says: ["user 'reader' may not read table 'secret.plans'", 'grant USAGE on its schema'] },
    ],
    [
      'because it does not exist',
      () => ({ database: 'absent' }),
      'sales.orders',
      { error: 'SourceNotFound', attempts: 1, says: ["there is no database 'absent'", 'check dbname in the secret or DATABASE_NAME'] },
    ],
  ])('%s', async (_, source, table, expected) => {
    const run = await timed(source(), { extract: { table } });
    expectFailure(run, { state: 'Extract: Run', ...expected });
    expect(JSON.stringify(run)).not.toMatch(/wrong-password|reader-password/);
  });

  test('because nothing listens', async () => {
    const port = await listen(() => {});
    servers.pop()!.close();
    const run = await timed({ port });
    const says = [`'127.0.0.1:${port}' refused the connection: nothing listens there; check the port, and that the instance is started`];
    expectFailure(run, { state: 'Extract: Run', attempts: 3, error: 'SourceUnavailable', says });
  });

  test('by silence', async () => {
    const waited: number[] = [];
    const port = await listen((socket) => {
      const accepted = Date.now();
      socket.resume().on('close', () => waited.push(Date.now() - accepted));
    });
    const run = await bench.run({ ...pipeline, retry: RetryPolicy.none() }, { source: { ...bench.db, port } });
    const says = [`no answer from the database at '127.0.0.1:${port}'`, 'its security group has no inbound rule', 'have no route to it'];
    expectFailure(run, { state: 'Extract: Run', attempts: 1, error: 'SourceUnavailable', says });
    expect(waited).toEqual([expect.any(Number)]);
    expect(waited[0]).toBeLessThan(TRY_MS);
  });
});

describe('a connection that drops midway', () => {
  /** Whatever data a run left in its bucket; what to resume it by is none. */
  const objects = (out: string) =>
    readdirSync(join(out, 's3'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('/.meta') && !entry.parentPath.includes('/runs/'))
      .map(({ name }) => name);

  /** A way to the database that is cut after so many bytes, the first `times` times. */
  async function cutting(bytes: number, times: number): Promise<number> {
    let cuts = 0;
    return listen((socket) => {
      const upstream = connect(bench.db.port, '127.0.0.1').on('error', () => {});
      let seen = 0;
      socket.pipe(upstream);
      upstream.on('data', (chunk) => {
        seen += chunk.length;
        if (seen > bytes && cuts < times) {
          cuts++;
          socket.resetAndDestroy();
          upstream.destroy();
        } else socket.write(chunk);
      });
      upstream.on('close', () => socket.end());
      socket.on('close', () => upstream.destroy());
    });
  }

  test('every time fails the run, and nothing of it can be seen', async () => {
    const port = await cutting(1_000_000, Number.POSITIVE_INFINITY);
    const run = await timed({ port });
    const says = [`the database at '127.0.0.1:${port}' dropped the connection`, 'nothing was published'];
    expectFailure(run, { state: 'Extract: Run', attempts: 3, error: 'SourceUnavailable', says });
    expect(objects(run.out)).toEqual([]);
    expect(await loadedRows(run.out)).toBeUndefined();
  });

  test('once is mended by the next try, with every row there once', async () => {
    const run = await timed({ port: await cutting(1_000_000, 1) });
    expect(run).toMatchObject({ status: 'SUCCEEDED', alerts: [], counts: { extracted: ROWS, cleaned: ROWS, loaded: ROWS } });
    expect(run.states.find(({ name }) => name === 'Extract: Run')).toMatchObject({ attempts: 2 });
    expect(await loadedRows(run.out)).toHaveLength(ROWS);
  });

  test('because an administrator ended the session is mended by the next try', async () => {
    const running = timed({}, { extract: { table: 'sales.slow' } });
    const terminate = `SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'`;
    while ((await bench.sql(terminate)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const run = await running;
    expect(run).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 50, loaded: 50 } });
    expect(run.states.find(({ name }) => name === 'Extract: Run')).toMatchObject({ attempts: 2 });
  });
});
