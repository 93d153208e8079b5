import { Client } from 'pg';
import { clientConfig, type LocalPostgres } from '../../lib/local/postgres';
import { BOUNDS, type Deletes, lateness } from './pipelines';
import type { Change } from './plan';

/** Rows as text, by key. */
export type Rows = ReadonlyMap<string, string>;

type Server = Omit<LocalPostgres, 'stop'>;

/** A commit is at least so much earlier than lag and overlap would allow, in seconds; a machine that takes longer is too slow for the test. */
const MARGIN_SECONDS = 1;

const CREATE = `
  CREATE TABLE items (id bigint PRIMARY KEY, value text NOT NULL, deleted boolean NOT NULL DEFAULT false, updated_at timestamptz NOT NULL);
  CREATE SEQUENCE ids;
  INSERT INTO items SELECT nextval('ids'), 'row ' || n, false, clock_timestamp() - interval '1 hour' + n * interval '1 second' FROM generate_series(1, 40) n;
  CREATE TABLE heartbeats (at timestamptz NOT NULL);`;

const AS_TEXT = `to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The machine was too slow to commit in time, which says nothing about the pipeline. */
export class TooSlow extends Error {}

/** A transaction of a writer that is not committed yet. */
interface OpenTransaction {
  readonly client: Client;
  readonly change: Change;
  readonly ids: readonly string[];
  momentsLeft: number;
}

/** The database of one schedule, and its writers. */
export class Source {
  static async create(server: Server, name: string, deletes: Deletes): Promise<Source> {
    await once(server, `CREATE DATABASE ${name}`);
    const database = { ...server, database: name };
    const client = await connect(database);
    await client.query(CREATE);
    return new Source(database, client, deletes);
  }

  private open: OpenTransaction[] = [];
  private written = 0;
  /** Transactions that were committed, and those of them whose time was before the end of a window that was extracted by then. */
  readonly commits = { all: 0, late: 0 };
  /** Where the next window begins. */
  watermark?: string;
  /** Where the last window ends that was extracted. */
  extracted?: string;

  private constructor(
    readonly server: Server,
    private readonly client: Client,
    private readonly deletes: Deletes,
  ) {}

  /** Commits what is due, and writes changes: each in a transaction of its own. */
  async moment(changes: readonly Change[]): Promise<void> {
    for (const each of this.open) each.momentsLeft -= 1;
    await this.commitDue((each) => each.momentsLeft <= 0);
    for (const change of changes) await this.write(change);
  }

  /** The writers' end. Answers the time of it. */
  async end(): Promise<string> {
    await this.commitDue(() => true);
    return await this.value(`SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);
  }

  /** Waits, by the database's clock, and commits something then, so that a replica learns what time it is. */
  async passes(seconds: number): Promise<void> {
    await this.client.query('SELECT pg_sleep($1)', [seconds]);
    await this.client.query('INSERT INTO heartbeats VALUES (clock_timestamp())');
  }

  /** A row that is committed a microsecond later than lag and overlap cover. Answers its time. */
  async writeBeyond(): Promise<string> {
    const { overlap } = BOUNDS[this.deletes];
    return await this.value(
      `INSERT INTO items VALUES (nextval('ids'), 'beyond', false, $1::timestamptz - make_interval(secs => $2) - interval '1 microsecond') RETURNING ${AS_TEXT}`,
      [this.watermark, overlap],
    );
  }

  /** A window of few rows, so that a replay makes up for little; to its high end there is a row. And the number of rows in it. */
  async replayable(back: number): Promise<{ readonly low: string; readonly high: string; readonly rows: number } | undefined> {
    const { rows } = await this.client.query<{ low: string; high: string; rows: number }>(
      `WITH ends AS (
         SELECT min(updated_at) AS low, max(updated_at) AS high
         FROM (SELECT updated_at FROM items WHERE updated_at < $1 ORDER BY updated_at DESC OFFSET $2 LIMIT 4) few
       )
       SELECT to_char(low AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS low, to_char(high AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS high,
         (SELECT count(*)::int FROM items WHERE updated_at >= low AND updated_at < high) AS rows
       FROM ends WHERE low < high - interval '1 millisecond'`,
      [this.watermark, back],
    );
    return rows[0];
  }

  /** What the warehouse shall hold. */
  async expected(): Promise<Rows> {
    const { rows } = await this.client.query<{ id: string; row: string }>(
      `SELECT id::text, concat_ws('|', value, ${AS_TEXT}) AS row FROM items WHERE NOT deleted`,
    );
    return new Map(rows.map(({ id, row }) => [id, row]));
  }

  /** How far the log of the server is written. */
  async position(): Promise<string> {
    return await this.value('SELECT pg_current_wal_lsn()::text');
  }

  async drop(): Promise<void> {
    for (const { client } of this.open) await client.end();
    await this.client.end();
    const { server } = this;
    await once({ ...server, database: 'postgres' }, `DROP DATABASE ${server.database} WITH (FORCE)`);
  }

  private async write(change: Change): Promise<void> {
    const client = await connect(this.server);
    const value = `change ${++this.written}`;
    const statements = statementsOf(this.deletes, { value, rows: change.rows, stamp: this.stamp(change) });
    await client.query('BEGIN');
    const { rows } = await client.query<{ id: string }>(statements[change.kind === 'reinsert' ? 'delete' : change.kind]);
    const ids = rows.map(({ id }) => id);
    if (change.kind === 'reinsert') {
      await client.query('COMMIT; BEGIN');
      await client.query(REINSERT[this.deletes], [ids, value]);
    }
    const transaction = { client, change, ids, momentsLeft: change.open };
    if (change.open === 0) await this.commit(transaction);
    else this.open.push(transaction);
  }

  private async commitDue(isDue: (transaction: OpenTransaction) => boolean): Promise<void> {
    const due = this.open.filter(isDue);
    this.open = this.open.filter((each) => !due.includes(each));
    for (const each of due) await this.commit(each);
  }

  /** Commits as late as it may: rows with an earlier time are changed once more, by a clock that is so far behind. */
  private async commit({ client, change, ids }: OpenTransaction): Promise<void> {
    const latest = lateness(this.deletes);
    const within = (change.late === 'lag' ? BOUNDS[this.deletes].lag : latest) - MARGIN_SECONDS;
    if (change.open > 0) {
      const earliest = `clock_timestamp() - interval '${within} seconds'`;
      await client.query(`UPDATE items SET updated_at = ${earliest} WHERE id = ANY($1) AND updated_at < ${earliest}`, [ids]);
    }
    const { rows } = await client.query<{ time: string | null }>(`SELECT min(${AS_TEXT}) AS time FROM items WHERE id = ANY($1)`, [ids]);
    await client.query('COMMIT');
    await client.end();
    const time = rows[0]!.time;
    this.commits.all += 1;
    if (time === null) return;
    if (this.extracted !== undefined && time < this.extracted) this.commits.late += 1;
    if (change.stamp === 'watermark' || change.stamp === 'earliest') return;
    const late = Number(await this.value(`SELECT extract(epoch FROM clock_timestamp() - $1::timestamptz)::text`, [time]));
    if (late > latest) throw new TooSlow(`a commit took so long that it is ${late} s late, and ${latest} s are covered`);
  }

  private stamp({ stamp }: Change): string {
    const { overlap } = BOUNDS[this.deletes];
    return {
      clock: 'clock_timestamp()',
      behind: `clock_timestamp() - interval '${lateness(this.deletes) - MARGIN_SECONDS} seconds'`,
      watermark: `'${this.watermark}'::timestamptz`,
      earliest: `'${this.watermark}'::timestamptz - interval '${overlap} seconds'`,
    }[stamp];
  }

  private async value(sql: string, values: unknown[] = []): Promise<string> {
    const { rows } = await this.client.query({ text: sql, values, rowMode: 'array' });
    return rows[0]![0] as string;
  }
}

type Statements = Readonly<Record<Exclude<Change['kind'], 'reinsert'>, string>>;

/** Rows are changed that no open transaction holds, and whose time is before the new one, as a column that says when a row last changed has to have it. */
function statementsOf(
  deletes: Deletes,
  { value, rows, stamp }: { readonly value: string; readonly rows: number; readonly stamp: string },
): Statements {
  const picked = `WITH picked AS (
    SELECT id FROM items WHERE NOT deleted AND updated_at < ${stamp} ORDER BY md5(id::text || '${value}') LIMIT ${rows} FOR UPDATE SKIP LOCKED)`;
  const change = (set: string) =>
    `UPDATE items SET ${set}, updated_at = ${stamp} FROM picked WHERE items.id = picked.id RETURNING items.id::text, items.value`;
  const insert = `INSERT INTO items SELECT nextval('ids'), '${value}.' || n, false, ${stamp} FROM generate_series(1, ${rows}) n RETURNING id::text`;
  const update = `${picked} ${change(`value = '${value}'`)}`;
  if (deletes === 'keys') {
    const remove = `${picked} DELETE FROM items USING picked WHERE items.id = picked.id RETURNING items.id::text`;
    return { insert, update, delete: remove, rekey: `${picked} ${change(`id = nextval('ids')`)}` };
  }
  const rekey = `${picked}, gone AS (${change('deleted = true')}),
    added AS (INSERT INTO items SELECT nextval('ids'), value, false, ${stamp} FROM gone RETURNING id::text)
    SELECT id FROM gone UNION ALL SELECT id FROM added`;
  return { insert, update, delete: `${picked} ${change('deleted = true')}`, rekey };
}

const REINSERT: Readonly<Record<Deletes, string>> = {
  keys: `INSERT INTO items SELECT id, $2 || ' again', false, clock_timestamp() FROM unnest($1::bigint[]) id`,
  tombstones: `UPDATE items SET deleted = false, value = $2 || ' again', updated_at = clock_timestamp() WHERE id = ANY($1::bigint[])`,
};

async function connect(server: Server): Promise<Client> {
  const client = new Client(clientConfig(server));
  // the end of a schedule that failed ends sessions, too
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function once(server: Server, sql: string): Promise<void> {
  const client = await connect(server);
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
