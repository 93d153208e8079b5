import { readFile, stat } from 'node:fs/promises';
import type { Column, Manifest } from '../../runtime/contract';
import { list, PermanentError } from '../../runtime/shared/errors';
import { parseType } from '../../runtime/shared/types';

/** Column types whose text makes a usable name of a folder. */
const PARTITION_TYPES: readonly string[] = ['smallint', 'integer', 'bigint', 'boolean', 'date', 'varchar'];

/** Reads the manifest of a dataset that the job can convert. */
export async function readSource(url: string, resolveS3: (url: string) => string): Promise<Manifest> {
  const manifest = await readManifest(url, resolveS3);
  if (manifest.format !== 'jsonl') {
    throw new PermanentError('InvalidInput', `the Parquet job reads format 'jsonl', got '${manifest.format}'; put a LambdaClean before GlueParquet`);
  }
  const columns = manifest.schema.elements;
  if (columns.length === 0) throw new PermanentError('InvalidInput', 'the dataset has no columns; extract at least one');
  const seen = new Map<string, string>();
  for (const { name, type } of columns) {
    parseType(type);
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      throw new PermanentError(
        'InvalidInput',
        `columns '${twin}' and '${name}' differ in case only, which Redshift does not tell apart; exclude one`,
      );
    }
    seen.set(name.toLowerCase(), name);
  }
  return manifest;
}

async function readManifest(url: string, resolveS3: (url: string) => string): Promise<Manifest> {
  const text = await readFile(resolveS3(url), 'utf8');
  try {
    const manifest = JSON.parse(text) as Partial<Manifest>;
    if (Array.isArray(manifest.entries) && Array.isArray(manifest.schema?.elements) && manifest.format) return manifest as Manifest;
  } catch {
    // what a JSON error quotes of the text may not reach a log
  }
  throw new PermanentError('CorruptInput', `'${url}' is not a manifest: it needs entries, format and schema; run the step that wrote it again`);
}

/** The columns to partition by, in the order they are named. */
export function partitionColumns(names: readonly string[], columns: readonly Column[]): Column[] {
  return names.map((name, index) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (!column) {
      const known = list(columns.map((candidate) => candidate.name));
      throw new PermanentError('InvalidInput', `partition column '${name}' is not in the dataset; its columns are ${known}`);
    }
    if (!PARTITION_TYPES.includes(parseType(column.type).kind)) {
      throw new PermanentError(
        'InvalidInput',
        `partition column '${name}' is ${column.type}; partition by smallint, integer, bigint, boolean, date or varchar`,
      );
    }
    if (names.indexOf(name) < index) throw new PermanentError('InvalidInput', `partition column '${name}' is named twice; name it once`);
    return column;
  });
}

/** Refuses a dataset of which a part is missing or of another length than the manifest says. */
export async function checkLengths({ entries }: Manifest, resolveS3: (url: string) => string): Promise<void> {
  for (const { url, meta } of entries) {
    const size = await sizeOf(resolveS3(url));
    if (size === undefined) throw new PermanentError('CorruptInput', `part '${url}' is missing; run the step that wrote it again`);
    if (size !== meta.content_length) {
      throw new PermanentError(
        'CorruptInput',
        `part '${url}' has ${size} bytes, its manifest says ${meta.content_length}; run the step that wrote it again`,
      );
    }
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
