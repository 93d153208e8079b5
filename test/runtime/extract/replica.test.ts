import { Client } from 'pg';
import { clientConfig, type LocalPostgres } from '../../../lib/local/postgres';
import type { Dataset } from '../../../lib/runtime/contract';
import { startReplica } from '../../support/replica';
import { extract, makeWorld, rowsOf, type World } from './support';

jest.setTimeout(60_000);

let world: World;
let server: LocalPostgres;
let replica: Client;
beforeAll(async () => {
  world = await makeWorld();
  server = await startReplica(world.db, { delayMs: 0 });
  replica = new Client(clientConfig(server));
  await replica.connect();
  await replica.query(`ALTER SYSTEM SET max_standby_streaming_delay = '100ms'`);
  await replica.query('SELECT pg_reload_conf()');
  world.secret = { ...world.secret, port: server.port };
}, 60_000);
afterAll(async () => {
  await replica.end();
  await server.stop();
  await world.stop();
});

const rows = (dataset: Dataset) => world.parts(dataset).flatMap(rowsOf);
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Runs a statement on the primary. */
const run = (sql: string) => world.admin.query(sql);

/** Waits until the replica has applied what the primary wrote. */
async function replayed(): Promise<void> {
  const [{ lsn }] = (await run('SELECT pg_current_wal_lsn()::text AS lsn')).rows as [{ lsn: string }];
  while ((await replica.query('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS there', [lsn])).rows[0].there !== true) await pause();
}

test('what the replica has to apply ends the reading of it: it goes on in smaller chunks, each row once, ranges too', async () => {
  await run(`CREATE TABLE junk AS SELECT generate_series(1, 100) AS n; CREATE TABLE read_long AS SELECT generate_series(1, 3000) AS n;
    ALTER TABLE read_long ADD PRIMARY KEY (n); ANALYZE read_long;
    CREATE FUNCTION slowly() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN PERFORM pg_sleep(0.001); RETURN true; END $$;
    CREATE ROLE reader LOGIN PASSWORD 'x'; GRANT SELECT ON read_long TO reader; ALTER TABLE read_long ENABLE ROW LEVEL SECURITY;
    CREATE POLICY slow ON read_long TO reader USING (current_query() NOT LIKE 'COPY%' OR slowly())`);
  await replayed();
  const owner = world.secret;
  world.secret = { ...owner, username: 'reader', password: 'x' };
  const extraction = extract(world.event('read_long', { ranges: 2, partBytes: 1_000 })).finally(() => {
    world.secret = owner;
  });
  const copying = `SELECT FROM pg_stat_activity WHERE query LIKE 'COPY%' AND usename = 'reader' AND state = 'active'`;
  while ((await replica.query(copying)).rowCount! < 2) await pause();
  await run('DELETE FROM junk');
  await run('VACUUM junk');
  const dataset = await extraction;
  expect(
    rows(dataset)
      .map(Number)
      .sort((a, b) => a - b),
  ).toEqual(Array.from({ length: 3000 }, (_, n) => n + 1));
  expect(
    (await replica.query('SELECT confl_snapshot FROM pg_stat_database_conflicts WHERE datname = current_database()')).rows[0].confl_snapshot,
  ).not.toBe('0');
});

test('a window ends no later than what the replica has applied, and the next one has the rest', async () => {
  await run(`CREATE TABLE stamped (n int, at timestamptz NOT NULL); INSERT INTO stamped VALUES (1, clock_timestamp())`);
  await replayed();
  await replica.query('SELECT pg_wal_replay_pause()');
  await run('INSERT INTO stamped VALUES (2, clock_timestamp())');
  const window = (low: string | null) => extract(world.event('stamped', { columns: ['n', 'at'], incremental: { column: 'at', low, lagSeconds: 0 } }));
  const first = await window(null);
  expect(rows(first).map(([n]) => n)).toEqual(['1']);
  await replica.query('SELECT pg_wal_replay_resume()');
  await run('INSERT INTO stamped VALUES (3, clock_timestamp())');
  await replayed();
  const second = await window(first.window!.high);
  expect(rows(second).map(([n]) => n)).toEqual(['2', '3']);
});
