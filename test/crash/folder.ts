import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startAws } from '../../lib/local/aws';
import type { DeployedTable } from '../../lib/local/deployment';
import { objectFile, paths } from '../../lib/local/paths';
import type { ConvertedDataset, Manifest } from '../../lib/runtime/contract';
import type { Rows } from './source';

/** What the warehouse holds, read with DuckDB itself: each row as text, and how many there are of one key too many. */
export interface Warehouse {
  readonly rows: Rows;
  readonly duplicated: number;
}

const LOADED = `
  SELECT order_id::VARCHAR, concat_ws('|', order_id::VARCHAR, coalesce(customer_id::VARCHAR, '~'), coalesce(status, '~'), total::VARCHAR, currency,
    coalesce(email, '~'), coalesce(note, '~'), coalesce(strftime(ordered_at, '%Y-%m-%d %H:%M:%S'), '~'),
    strftime(updated_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f')) FROM analytics.orders`;

/** Reads the warehouse of a folder that no process uses. */
export async function readWarehouse(out: string): Promise<Warehouse> {
  const file = paths(out).warehouse;
  const found = existsSync(file) ? await query(file, LOADED) : [];
  const rows = new Map(found.map(([key, row]) => [String(key), String(row)]));
  return { rows, duplicated: found.length - rows.size };
}

async function query(file: string, sql: string): Promise<unknown[][]> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const database = await DuckDBInstance.create(file, file === ':memory:' ? {} : { access_mode: 'READ_ONLY' });
  const connection = await database.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const answer = await connection.runAndReadAll(sql);
    return answer.getRowsJson() as unknown[][];
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return [];
    throw error;
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

/** The watermark of a folder that no process uses; null when there is none. */
export async function readWatermark(out: string, tables: readonly DeployedTable[]): Promise<string | null> {
  if (!existsSync(join(out, 'dynamodb'))) return null;
  // A copy, so that the next run finds the tables as they were left.
  const copy = mkdtempSync(join(tmpdir(), 'crash-tables-'));
  try {
    cpSync(join(out, 'dynamodb'), join(copy, 'dynamodb'), { recursive: true });
    const aws = await startAws({ root: copy });
    try {
      const { TableNames } = (await aws.dynamodb('ListTables', {})) as { TableNames: string[] };
      const table = tables.find(({ name }) => TableNames.includes(name));
      if (!table) return null;
      const { Items } = (await aws.dynamodb('Scan', { TableName: table.name, ConsistentRead: true })) as {
        Items: { watermark?: { S: string } }[];
      };
      return Items.find(({ watermark }) => watermark)?.watermark?.S ?? null;
    } finally {
      await aws.close();
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What a reader could see that is not whole: manifests whose parts are not there, or not as they are told, and histories that name no manifest. */
export async function partialOutputs(out: string): Promise<string[]> {
  const found: string[] = [];
  for (const file of filesUnder(join(out, 's3'))) {
    if (file.includes('/.')) continue;
    if (file.endsWith('.partial')) found.push(`'${file}' is half written`);
    if (file.endsWith('/manifest.json')) found.push(...(await incompleteManifest(out, join(out, 's3', file))));
    if (file.endsWith('/dataset.json')) found.push(...incompleteDataset(out, join(out, 's3', file)));
  }
  for (const file of filesUnder(join(out, 'states', 'executions')).filter((name) => name.endsWith('.jsonl'))) {
    const exits = readFileSync(join(out, 'states', 'executions', file), 'utf8')
      .split('\n')
      .filter((line) => line.includes('StateExited'));
    const named = new Set(exits.join('\n').match(/s3:\/\/[^"\\]+\/manifest\.json/g));
    for (const url of named) if (!existsSync(objectFile(out, url))) found.push(`a state handed on '${url}', which is not there`);
  }
  return found;
}

async function incompleteManifest(out: string, file: string): Promise<string[]> {
  const manifest = parsed<Manifest>(file);
  if (!manifest) return [`'${file}' is not JSON`];
  const problems: string[] = [];
  let records = 0;
  for (const { url, meta } of manifest.entries) {
    const part = objectFile(out, url);
    records += meta.record_count;
    if (!existsSync(part)) problems.push(`'${url}' is in its manifest, but not there`);
    else if (statSync(part).size !== meta.content_length) problems.push(`'${url}' has ${statSync(part).size} bytes, not ${meta.content_length}`);
    else if ((await recordsOf(part)) !== meta.record_count) problems.push(`'${url}' has not the ${meta.record_count} rows of its manifest`);
  }
  return records === manifest.meta.record_count ? problems : [...problems, `'${file}' counts other than its parts`];
}

function incompleteDataset(out: string, file: string): string[] {
  const dataset = parsed<ConvertedDataset>(file);
  const manifest = dataset && existsSync(objectFile(out, dataset.manifest)) ? parsed<Manifest>(objectFile(out, dataset.manifest)) : undefined;
  const whole = manifest?.meta.record_count === dataset?.recordCount && manifest?.entries.length === dataset?.parts;
  return manifest && whole ? [] : [`'${file}' tells of a manifest that is not there or another`];
}

async function recordsOf(part: string): Promise<number> {
  if (!part.endsWith('.parquet')) return gunzipSync(readFileSync(part)).reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 0);
  const [[count]] = (await query(':memory:', `SELECT count(*)::INTEGER FROM read_parquet('${part}', hive_partitioning = false)`)) as [[number]];
  return Number(count);
}

function parsed<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** Keys of uploads that were begun and not ended. */
export function openUploads(out: string): string[] {
  return filesUnder(join(out, 's3', '.uploads'))
    .filter((file) => file.endsWith('upload.json'))
    .map((file) => parsed<{ key: string }>(join(out, 's3', '.uploads', file))?.key ?? file);
}

/** Files that only a process at work needs, and executions that seem to run, when none does. */
export function leftovers(out: string, temporary: string): string[] {
  const files = [join(out, 's3', '.tmp'), paths(out).jobs, temporary].flatMap((folder) => filesUnder(folder).map((file) => join(folder, file)));
  const running = filesUnder(join(out, 'states', 'executions'))
    .filter((file) => file.endsWith('.json'))
    .filter((file) => parsed<{ status: string }>(join(out, 'states', 'executions', file))?.status === 'RUNNING');
  return [...files, ...running.map((file) => `${file} is RUNNING`)];
}

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
