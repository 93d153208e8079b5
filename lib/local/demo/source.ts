import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clientConfig, type LocalPostgres, startPostgres } from '../postgres';
import { loadSqlScript } from '../sql-script';
import { COPY_ORDERS, CREATE_ORDERS, ordersAsCopyText } from './orders';

/** What the source database holds: the generated orders, or what a script makes. */
export type Source = { readonly rows: number } | { readonly script: string };

export const DEFAULT_ROWS = 10_000;

/**
 * The source of the folder `out`: what an earlier run there used, or what is asked for. The database itself is made anew each
 * time, the same; a different source under the same watermark and warehouse would show nonsense, so it is refused.
 */
export function sourceOf(out: string, asked: { readonly rows?: number; readonly script?: string }): Source {
  const file = join(out, 'source.json');
  const script = asked.script === undefined ? undefined : resolve(asked.script);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Source) : undefined;
  const rows = asked.rows ?? (before && 'rows' in before ? before.rows : DEFAULT_ROWS);
  const source: Source = script === undefined ? { rows } : { script };
  if (before !== undefined && describe(before) !== describe(source)) {
    throw new Error(`'${out}' already holds runs over ${describe(before)}, not over ${describe(source)}; use another --out for another source`);
  }
  mkdirSync(out, { recursive: true });
  writeFileSync(file, JSON.stringify(source));
  return source;
}

function describe(source: Source): string {
  return 'rows' in source ? `${source.rows} generated orders` : source.script;
}

/** Starts PostgreSQL with the source in it. Its data lies in `<out>/postgres` and goes when it stops. */
export async function startSource(out: string, source: Source, warn: (message: string) => void): Promise<LocalPostgres> {
  const dataDir = join(out, 'postgres');
  rmSync(dataDir, { recursive: true, force: true });
  const server = await startPostgres({ dataDir, tls: true });
  const stop = async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    if ('rows' in source) await seedOrders(server, source.rows);
    else for (const warning of (await loadSqlScript(server, source.script)).warnings) warn(warning);
    return { ...server, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function seedOrders(server: LocalPostgres, rows: number): Promise<void> {
  const [{ Client }, { from }] = await Promise.all([import('pg'), import('pg-copy-streams')]);
  const client = new Client(clientConfig(server));
  await client.connect();
  try {
    await client.query(CREATE_ORDERS);
    await pipeline(Readable.from(ordersAsCopyText(rows)), client.query(from(COPY_ORDERS)));
  } finally {
    await client.end();
  }
}
