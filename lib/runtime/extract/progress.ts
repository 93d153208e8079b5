import type { Column, Cursor, Location, ManifestEntry, Window } from '../contract';
import { PermanentError } from '../shared/errors';
import { formatS3Url, readText, writeText } from '../shared/s3';
import type { KeyRange } from './key';

/** A range with what of it is not read yet. */
export interface RangeLeft extends KeyRange {
  /** How many rows the planner expects it to have; absent once it was seen to be wrong. */
  readonly expectedRows?: number;
}

/**
 * What one invocation hands to the next. It holds values of keys, which are rows' values, so it lies beside the parts in S3, and the state machine
 * carries its address only.
 */
export interface Progress {
  readonly columns: readonly Column[];
  readonly window?: Window;
  /** Names of the key's columns; empty if the table has none. */
  readonly key: readonly string[];
  /** What is left to read, by a session each. */
  ranges: RangeLeft[];
  /** The parts that hold what was read. */
  readonly entries: ManifestEntry[];
  /** Rows of the next chunk. */
  chunkRows?: number;
  /** The moments at which rows were read. */
  snapshots: number;
  longestTransactionMs: number;
}

/** Writes the progress as the last thing of an invocation, at a place that only this try writes to. */
export async function writeProgress({ bucket, prefix }: Location, invocation: number, progress: Progress): Promise<Cursor> {
  const url = formatS3Url(bucket, `${prefix}/progress.json`);
  await writeText(url, JSON.stringify(progress), 'application/json');
  return { progress: url, invocation };
}

/** Reads what the invocation before handed on. */
export async function readProgress({ progress: url }: Cursor): Promise<Progress> {
  const text = await readText(url);
  try {
    const progress = JSON.parse(text) as Partial<Progress>;
    if (Array.isArray(progress.ranges) && Array.isArray(progress.entries) && progress.columns && progress.key) return progress as Progress;
  } catch {
    // what a JSON error quotes of the text may not reach a log
  }
  throw new PermanentError('CorruptInput', `'${url}' is not the progress of an extraction; run the extraction again`);
}
