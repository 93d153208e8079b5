import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from } from 'pg-copy-streams';
import { COPY_ORDERS, CREATE_ORDERS, ordersAsCopyText } from '../../lib/local/demo/orders';
import { clientConfig, type LocalPostgres } from '../../lib/local/postgres';

export const ROWS = 2500;
const WIDE_ROWS = 1600;

/** The templates that databases of cases are copied from: rows of the usual width, and so wide that a part goes up in several pieces. */
export type Shape = 'usual' | 'wide';

/** Rows as the warehouse shall have them: each as text, by its key. */
export type Rows = ReadonlyMap<string, string>;

/** One row of each key, its copies spread over the table, so that which of them is kept makes no difference. */
const SPREAD_COPIES = `
  DELETE FROM sales.orders a USING sales.orders b WHERE btrim(a.order_id) = btrim(b.order_id) AND a.ctid > b.ctid;
  INSERT INTO sales.orders SELECT * FROM sales.orders WHERE order_id LIKE '%37'`;

/** Four kibibytes that do not compress well, different in each row. */
const WIDEN = `UPDATE sales.orders o SET note = (SELECT string_agg(md5(o.order_id || n), '') FROM generate_series(1, 400) n)`;

/** The server that all cases share, each with a database of its own. */
export class Sources {
  static async open(server: LocalPostgres): Promise<Sources> {
    const sources = new Sources(server);
    await sources.template('usual', ROWS, SPREAD_COPIES);
    await sources.template('wide', WIDE_ROWS, `${SPREAD_COPIES}; ${WIDEN}`);
    return sources;
  }

  private constructor(private readonly server: LocalPostgres) {}

  /** A database of its own, with the rows of the template. */
  async create(name: string, shape: Shape): Promise<Source> {
    await this.run('postgres', `CREATE DATABASE ${name} TEMPLATE ${shape} STRATEGY file_copy`);
    const client = new Client({ ...clientConfig(this.server), database: name });
    await client.connect();
    return new Source({ ...this.server, database: name }, client);
  }

  async drop({ server, close }: Source): Promise<void> {
    await close();
    await this.run('postgres', `DROP DATABASE ${server.database} WITH (FORCE)`);
  }

  private async template(name: Shape, rows: number, more: string): Promise<void> {
    await this.run('postgres', `CREATE DATABASE ${name}`);
    const client = new Client({ ...clientConfig(this.server), database: name });
    await client.connect();
    await client.query(CREATE_ORDERS);
    await pipeline(Readable.from(ordersAsCopyText(rows)), client.query(from(COPY_ORDERS)));
    await client.query(more);
    await client.end();
  }

  private async run(database: string, sql: string): Promise<void> {
    const client = new Client({ ...clientConfig(this.server), database });
    await client.connect();
    await client.query(sql);
    await client.end();
  }
}

/**
 * What the rules of the example make of the table, written a second time in PostgreSQL's own SQL: trimmed, blanks and placeholders NULL, rows that
 * break a rule left out.
 */
const CLEANED = `
  WITH trimmed AS (
    SELECT ${['order_id', 'customer_id', 'status', 'total', 'currency', 'email', 'note', 'ordered_at']
      .map((name) => `CASE WHEN btrim(${name}, E' \\t\\n\\r') IN ('', 'N/A', '-') THEN NULL ELSE btrim(${name}, E' \\t\\n\\r') END AS ${name}`)
      .join(', ')}, updated_at
    FROM sales.orders WHERE $1::timestamptz IS NULL OR updated_at < $1
  )
  SELECT DISTINCT order_id AS key, concat_ws('|', order_id, coalesce(customer_id, '~'), coalesce(status, '~'), total, currency, coalesce(email, '~'),
    coalesce(note, '~'), coalesce(ordered_at, '~'), to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')) AS row
  FROM trimmed
  WHERE order_id ~ '^[0-9]+$' AND coalesce(customer_id, '0') ~ '^[0-9]+$' AND total ~ '^[0-9]+[.][0-9]{2}$'
    AND coalesce(status, 'new') IN ('new', 'paid', 'shipped', 'cancelled') AND coalesce(email, 'a@b') ~ '^[^@\\s]+@[^@\\s]+$'
    AND coalesce(ordered_at, '2025-01-01') ~ '^[0-9]{4}-' AND pg_input_is_valid(coalesce(ordered_at, '2025-01-01'), 'timestamp')`;

/** Changes every seventh row, mends some that were wrong, and adds rows, a few of them wrong. The copies of a row change alike. */
const CHANGE = `
  UPDATE sales.orders SET total = (length(order_id || $1) * 7 + order_id::bigint % 1000)::text || '.25', note = 'changed ' || $1,
    updated_at = statement_timestamp()
  WHERE btrim(order_id) ~ '^[0-9]+$' AND btrim(order_id)::bigint % 7 = $2::int`;
const ADD = `
  INSERT INTO sales.orders SELECT (500000 + $2::int * 10000 + n)::text, n::text, CASE WHEN n % 50 = 0 THEN 'lost' ELSE 'paid' END, n::text || '.50', 'EUR',
    'a@b.example', CASE WHEN n % 3 = 0 THEN NULL ELSE 'added ' || $1 END, '2025-06-01 12:00:00', statement_timestamp() FROM generate_series(1, 300) n`;

/** Lets the source live on, for a moment in which nobody else looks at it. */
export async function changeSource(server: Omit<LocalPostgres, 'stop'>, round: number): Promise<void> {
  const client = new Client(clientConfig(server));
  await client.connect();
  const source = new Source(server, client);
  await source.change(round);
  await source.close();
}

const OTHERS = `SELECT count(*)::int AS others FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
const PATIENCE_MS = 10_000;

/** The database of one case. */
export class Source {
  constructor(
    readonly server: Omit<LocalPostgres, 'stop'>,
    private readonly client: Client,
  ) {
    // a fault may end this session, too
    client.on('error', () => {});
  }

  /** Lets the source live on; `round` makes each change another. */
  async change(round: number): Promise<void> {
    await this.client.query(CHANGE, [`in round ${round}`, round % 7]);
    await this.client.query(ADD, [`in round ${round}`, round]);
  }

  /** What the warehouse shall hold of the rows changed before an instant, or of all. */
  async expected(before: string | null = null): Promise<Rows> {
    const { rows } = await this.client.query<{ key: string; row: string }>(CLEANED, [before]);
    const found = new Map(rows.map(({ key, row }) => [key, row]));
    if (found.size !== rows.length) throw new Error('copies of a row differ: the crash test itself is wrong');
    return found;
  }

  /** How many sessions of others there are once they have had the time to end. */
  async sessions(): Promise<number> {
    for (const started = Date.now(); ; ) {
      const { rows } = await this.client.query<{ others: number }>(OTHERS);
      if (rows[0]!.others === 0 || Date.now() - started > PATIENCE_MS) return rows[0]!.others;
    }
  }

  readonly close = (): Promise<void> => this.client.end();
}
