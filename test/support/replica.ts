import { appendFileSync, chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { clientConfig, type LocalPostgres, serve } from '../../lib/local/postgres';
import { findBinaries, giveTo } from '../../lib/local/postgres-binaries';

/**
 * Starts a streaming replica of a PostgreSQL with TLS: a copy of its data folder between the start and the end of a backup, since pg_basebackup is not
 * at hand. It applies what is committed `delayMs` later.
 */
export async function startReplica(primary: LocalPostgres, { delayMs }: { readonly delayMs: number }): Promise<LocalPostgres> {
  const binaries = findBinaries();
  const cluster = mkdtempSync(join(tmpdir(), 'postgres-replica-'));
  const temporary = [cluster, ...(binaries.copy ? [binaries.copy] : [])];
  try {
    await copyCluster(primary, cluster);
    const { host, port, user, password } = primary;
    writeFileSync(join(cluster, 'standby.signal'), '');
    appendFileSync(
      join(cluster, 'postgresql.auto.conf'),
      [
        `primary_conninfo = 'host=${host} port=${port} user=${user} password=${password} sslmode=require'`,
        `recovery_min_apply_delay = ${delayMs}`,
        '',
      ].join('\n'),
    );
    chmodSync(cluster, 0o700);
    if (binaries.account) giveTo(cluster, binaries.account);
    const served = await serve(binaries, cluster, { tls: true, temporary });
    return { ...primary, ...served };
  } catch (error) {
    for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function copyCluster(primary: LocalPostgres, cluster: string): Promise<void> {
  const client = new Client(clientConfig(primary));
  await client.connect();
  try {
    const { rows } = await client.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder, pg_backup_start('replica', true)`);
    const source = rows[0]!.folder;
    cpSync(source, cluster, { recursive: true, filter: (file) => file !== join(source, 'postmaster.pid') });
    const backup = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    writeFileSync(join(cluster, 'backup_label'), backup.rows[0]!.labelfile);
  } finally {
    await client.end();
  }
}
