import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Column, ManifestEntry } from '../../runtime/contract';
import { quoteIdentifier } from '../../runtime/shared/identifier';
import { folderName, folderValueSql, valueSql } from './columns';
import { type Duckdb, quoteText } from './duckdb';
import { linesSql } from './lines';

/** A Parquet file that is written but not yet an object. */
export interface StagedPart {
  readonly file: string;
  /** Folder of the partition, `column=value/...`; empty without partitions. */
  readonly folder: string;
  readonly bytes: number;
  readonly records: number;
}

/** Writes the rows of these files, none of them empty, as Parquet into a directory: a file for each, or with partitions at least one for each folder. */
export async function stageParts(
  db: Duckdb,
  files: readonly string[],
  columns: readonly Column[],
  partitions: readonly Column[],
  directory: string,
): Promise<StagedPart[]> {
  await mkdir(directory);
  if (partitions.length === 0) {
    for (const [index, file] of files.entries()) {
      const target = join(directory, `${String(index).padStart(5, '0')}.parquet`);
      await db.query(`COPY (${valuesSql([file], columns)}) TO ${quoteText(target)} (FORMAT parquet, COMPRESSION snappy)`);
    }
  } else {
    // Longer than any column's name, so that it is none of them.
    const prefix = 'p'.repeat(1 + Math.max(...columns.map(({ name }) => name.length)));
    const helpers = partitions.map((column, index) => `${folderValueSql(column)} AS ${prefix}${index}`);
    await db.query(`
      COPY (${valuesSql(files, columns, helpers)}) TO ${quoteText(directory)}
      (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (${partitions.map((_, index) => `${prefix}${index}`)}))`);
  }
  const staged: StagedPart[] = [];
  for (const file of await parquetFiles(directory)) {
    const [counted] = await db.query(`SELECT sum(num_rows)::BIGINT AS records FROM parquet_file_metadata(${quoteText(file)})`);
    const folder = folderOf(relative(directory, dirname(file)), partitions);
    staged.push({ file, folder, bytes: (await stat(file)).size, records: Number(counted!.records) });
  }
  return staged;
}

function valuesSql(files: readonly string[], columns: readonly Column[], more: readonly string[] = []): string {
  const values = columns.map((column) => `${valueSql(column)} AS ${quoteIdentifier(column.name)}`);
  return `SELECT ${[...values, ...more]} FROM (${linesSql(files, columns)})`;
}

async function parquetFiles(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true });
  return found
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => join(directory, name))
    .sort();
}

/** The values are url-encoded already; DuckDB encodes them once more. */
function folderOf(path: string, partitions: readonly Column[]): string {
  const values = path === '' ? [] : path.split(sep).map((name) => decodeURIComponent(name.slice(name.indexOf('=') + 1)));
  return partitions.map((column, index) => `${folderName(column)}=${values[index]}/`).join('');
}

/** Makes objects of staged files, each at once and whole, and answers the entries of their manifest. */
export async function publishParts(staged: readonly StagedPart[], output: string, resolveS3: (url: string) => string): Promise<ManifestEntry[]> {
  const used = new Map<string, number>();
  const entries: ManifestEntry[] = [];
  for (const { file, folder, bytes, records } of staged) {
    const index = used.get(folder) ?? 0;
    used.set(folder, index + 1);
    const url = `${output}/${folder}part-${String(index).padStart(5, '0')}.parquet`;
    await publish(file, resolveS3(url));
    entries.push({ url, mandatory: true, meta: { content_length: bytes, record_count: records } });
  }
  return entries;
}

/** Moves a file to its place in one step, also from another file system. */
export async function publish(file: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  try {
    await rename(file, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const beside = `${target}.partial`;
    try {
      await copyFile(file, beside);
      await rename(beside, target);
    } finally {
      await rm(beside, { force: true });
    }
  }
}
