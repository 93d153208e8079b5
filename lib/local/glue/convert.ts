import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConvertedDataset, Manifest, ParquetArguments } from '../../runtime/contract';
import { checkRows } from './check';
import { openDuckdb } from './duckdb';
import { publish, publishParts, type StagedPart, stageParts } from './parts';
import { checkLengths, partitionColumns, readSource } from './source';

export interface ConvertOptions {
  /** The file that an S3 object is. */
  readonly resolveS3: (url: string) => string;
  /** Where files lie until they are objects; best on the objects' file system. */
  readonly workDirectory?: string;
  /** As DuckDB reads it, `512MB`. */
  readonly memoryLimit?: string;
}

/** Does with DuckDB what the Glue job's script does with Spark: the same checks, types, files and messages. */
export async function convert(args: ParquetArguments, signal: AbortSignal, options: ConvertOptions): Promise<void> {
  const { resolveS3, workDirectory = tmpdir(), memoryLimit = '512MB' } = options;
  const output = args['--output'].replace(/\/+$/, '');
  const partitionBy = (args['--partition_by'] ?? '').split(',').filter((name) => name !== '');

  const source = await readSource(args['--source_manifest'], resolveS3);
  const columns = source.schema.elements;
  const partitions = partitionColumns(partitionBy, columns);
  await checkLengths(source, resolveS3);

  const work = await mkdtemp(join(workDirectory, 'glue-'));
  try {
    const staged = await stage();
    const entries = await publishParts(staged, output, resolveS3);
    const sum = (of: (part: StagedPart) => number) => staged.reduce((total, part) => total + of(part), 0);
    const meta = { content_length: sum((part) => part.bytes), record_count: sum((part) => part.records) };
    const url = `${output}/manifest.json`;
    const manifest: Manifest = { entries, meta, format: 'parquet', schema: { elements: columns } };
    const dataset: ConvertedDataset = { manifest: url, format: 'parquet', recordCount: meta.record_count, parts: entries.length };
    await publishJson(manifest, url);
    await publishJson(dataset, `${output}/dataset.json`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }

  async function stage(): Promise<StagedPart[]> {
    const db = await openDuckdb(work, memoryLimit);
    const stop = () => db.interrupt();
    signal.addEventListener('abort', stop);
    try {
      const total = await checkRows(db, source.entries, columns, resolveS3);
      signal.throwIfAborted();
      if (total === 0) return [];
      const files = source.entries.filter(({ meta }) => meta.record_count > 0).map(({ url }) => resolveS3(url));
      const staged = await stageParts(db, files, columns, partitions, join(work, 'parts'));
      const written = staged.reduce((sum, { records }) => sum + records, 0);
      if (written !== total) throw new Error(`read ${total} records but wrote ${written}; run the step again`);
      signal.throwIfAborted();
      return staged;
    } finally {
      signal.removeEventListener('abort', stop);
      db.close();
    }
  }

  async function publishJson(value: unknown, url: string): Promise<void> {
    const file = join(work, 'json');
    await writeFile(file, JSON.stringify(value));
    await publish(file, resolveS3(url));
  }
}
