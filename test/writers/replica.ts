import { Client } from 'pg';
import { clientConfig, type LocalPostgres } from '../../lib/local/postgres';
import { startReplica } from '../support/replica';

const DELAY_MS = 300;
const PATIENCE_MS = 30_000;

/** A streaming replica that lags, and stalls when it is told to. */
export class Replica {
  static async follow(primary: LocalPostgres): Promise<Replica> {
    const server = await startReplica(primary, { delayMs: DELAY_MS });
    const client = new Client(clientConfig(server));
    await client.connect();
    return new Replica(server, client);
  }

  readonly host: string;
  readonly port: number;

  private constructor(
    private readonly server: LocalPostgres,
    private readonly client: Client,
  ) {
    this.host = server.host;
    this.port = server.port;
  }

  async pause(): Promise<void> {
    await this.client.query('SELECT pg_wal_replay_pause()');
  }

  async resume(): Promise<void> {
    await this.client.query('SELECT pg_wal_replay_resume()');
  }

  /** Waits until it has replayed the log up to a position. */
  async follows(position: string): Promise<void> {
    for (const started = Date.now(); Date.now() - started < PATIENCE_MS; ) {
      const { rows } = await this.client.query<{ follows: boolean }>(
        'SELECT pg_sleep(0.05), pg_last_wal_replay_lsn() >= $1 AND pg_last_xact_replay_timestamp() IS NOT NULL AS follows',
        [position],
      );
      if (rows[0]!.follows) return;
    }
    throw new Error(`the replica has not replayed ${position} after ${PATIENCE_MS / 1000} s: the test itself is wrong`);
  }

  async stop(): Promise<void> {
    await this.client.end();
    await this.server.stop();
  }
}
