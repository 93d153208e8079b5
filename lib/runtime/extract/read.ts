import { PermanentError } from '../shared/errors';
import { formatTableName, quoteTableName } from '../shared/identifier';
import type { SourceTable } from './catalogue';
import { ChunkSize, LEAST_ROWS } from './chunk-size';
import type { Connect, Session } from './connection';
import { TooLong } from './database-error';
import type { Deadline } from './deadline';
import { type KeyColumn, placeOf, rangeConditions, where } from './key';
import { type PartOptions, writeParts } from './parts';
import type { Progress, RangeLeft } from './progress';
import { withSnapshot } from './snapshot';

/** What is read, and how. */
export interface Reading {
  readonly table: SourceTable;
  /** What follows SELECT. */
  readonly projection: string;
  /** The conditions of the window. */
  readonly conditions: readonly string[];
  /** Empty for a table that cannot be read in pieces. */
  readonly key: readonly KeyColumn[];
  readonly longestTransactionMs: number;
  readonly parts: PartOptions;
  readonly deadline: Deadline;
  readonly connect: Connect;
}

/** A chunk has so many parts' worth of rows, so that the short part at its end weighs little. */
const PARTS_A_CHUNK = 4;
/** A chunk that fails is read again, so it is a share of the transaction. */
const CHUNKS_A_TRANSACTION = 4;
/** Less time is not worth a connection. */
const LEAST_MS = 50;

/** Bytes of a chunk. */
export function chunkBytes(partBytes: number): number {
  return partBytes * PARTS_A_CHUNK;
}

/**
 * Reads a table, or what earlier invocations left of it, each range in the order of its key by a session of its own: in transactions that are no longer
 * than the limit, all of which see the same moment, and in each of them in chunks, which end their own parts. A chunk counts once all of it is in S3; one
 * that failed or was cut short is read again from its start, its parts in no list. Ends when everything is read or the deadline is near.
 */
export async function read(reading: Reading, progress: Progress): Promise<void> {
  const { deadline, key, longestTransactionMs } = reading;
  const target = { bytes: chunkBytes(reading.parts.partBytes), ms: longestTransactionMs / CHUNKS_A_TRANSACTION };
  const size = new ChunkSize(target, progress.chunkRows);
  const before = progress.entries.length;
  const advanced = () => progress.entries.length > before;

  while (progress.ranges.length > 0) {
    const left = deadline.left();
    if (left < LEAST_MS || (advanced() && size.within(left) === undefined)) break;
    const limitMs = Math.min(left, longestTransactionMs);
    try {
      await withSnapshot(reading.connect, progress.ranges.length, limitMs, (sessions, begun) =>
        readSnapshot(sessions, reading, progress, size, new Time(begun, limitMs)),
      );
    } catch (error) {
      if (!(error instanceof TooLong) || error.reason === 'silent') throw error;
      progress.ranges = progress.ranges.map(({ after, upTo }) => ({ after, upTo }));
      const isSmaller = key.length > 0 && size.halve();
      const endsHere = limitMs < longestTransactionMs && error.reason === 'time';
      if (!isSmaller && !(endsHere && advanced()))
        throw key.length > 0 ? notEvenTheLeast(reading, error, limitMs) : indivisible(reading, error, limitMs);
      if (endsHere) break;
    }
  }
  progress.chunkRows = size.rows;
}

/** The time of transactions that began together. */
class Time {
  isOver = false;

  constructor(
    private readonly begun: number,
    private readonly limitMs: number,
  ) {}

  spentMs(): number {
    return performance.now() - this.begun;
  }

  leftMs(): number {
    return this.limitMs - this.spentMs();
  }
}

/** Reads chunks of all ranges side by side, as long as one more fits into the time. When a session fails, the others end their chunks first. */
async function readSnapshot(sessions: readonly Session[], reading: Reading, progress: Progress, size: ChunkSize, time: Time): Promise<void> {
  const before = progress.entries.length;
  const ranges = [...progress.ranges];
  const lanes = await Promise.allSettled(sessions.map((session, index) => readRange(session, reading, progress, size, ranges[index]!, time)));
  if (progress.entries.length > before) progress.snapshots++;
  progress.longestTransactionMs = Math.max(progress.longestTransactionMs, Math.ceil(time.spentMs()));
  const failures = lanes.flatMap((lane) => (lane.status === 'rejected' ? [lane.reason as Error] : []));
  const worst = failures.find((error) => !(error instanceof TooLong)) ?? failures[0];
  if (worst) throw worst;
}

async function readRange(session: Session, reading: Reading, progress: Progress, size: ChunkSize, first: RangeLeft, time: Time): Promise<void> {
  try {
    let rows: number | undefined = size.within(time.leftMs()) ?? LEAST_ROWS;
    for (let range: RangeLeft | undefined = first; range && rows !== undefined && !time.isOver; ) {
      await session.limit(time.leftMs());
      const rest = await readChunk(session, reading, progress, size, { range, rows });
      progress.ranges = progress.ranges.flatMap((other) => (other !== range ? [other] : rest ? [rest] : []));
      range = rest;
      rows = size.within(time.leftMs());
    }
    await session.query('COMMIT');
  } catch (error) {
    time.isOver = true;
    throw error;
  }
}

/** Reads the first rows of a range, and answers what is left of it. */
async function readChunk(
  session: Session,
  reading: Reading,
  progress: Progress,
  size: ChunkSize,
  { range, rows }: { range: RangeLeft; rows: number },
): Promise<RangeLeft | undefined> {
  const { table, projection, conditions, key } = reading;
  const from = quoteTableName(table.name);
  const start = performance.now();
  const { expectedRows } = range;
  const isRest = key.length === 0 || (expectedRows !== undefined && expectedRows <= rows);
  const end = isRest ? undefined : await placeOf(session, from, key, [...conditions, ...rangeConditions(key, range)], rows);
  const chunk = { after: range.after, upTo: end ?? range.upTo };
  const copy = session.copy(`COPY (SELECT ${projection} FROM ${from}${where([...conditions, ...rangeConditions(key, chunk)])}) TO STDOUT`);
  const { entries, bytes } = await writeParts(copy, reading.parts);
  const written = entries.reduce((sum, entry) => sum + entry.meta.record_count, 0);
  if (written !== copy.sent()) throw new Error(`the database sent ${copy.sent()} rows and ${written} were written; the next try starts afresh`);

  progress.entries.push(...entries);
  size.read(written, bytes, performance.now() - start);
  return end && { after: end, upTo: range.upTo, ...(expectedRows !== undefined && { expectedRows: expectedRows - written }) };
}

const SETTINGS = 'set hot_standby_feedback on the replica, or raise its max_standby_streaming_delay';

function notEvenTheLeast({ table }: Reading, error: TooLong, limitMs: number): PermanentError {
  const name = formatTableName(table.name);
  return new PermanentError(
    'LimitExceeded',
    error.reason === 'recovery'
      ? `reading '${name}' conflicts with recovery on the replica even in chunks of ${LEAST_ROWS} rows; ${SETTINGS}, or extract from the primary`
      : `not even ${LEAST_ROWS} rows of '${name}' can be read within ${seconds(limitMs)}; raise longestTransaction or timeout, or add an index that the order of the key can use`,
  );
}

/** A replica may have no conflict the next time, so that is tried again; time will not be longer. */
function indivisible({ table }: Reading, error: TooLong, limitMs: number): Error {
  if (error.reason === 'recovery') return error;
  return new PermanentError(
    'LimitExceeded',
    `'${formatTableName(table.name)}' has no primary key by which it can be read in pieces, and cannot be read at once within ${seconds(limitMs)}; ` +
      'add a primary key (or a unique index on columns that are NOT NULL), extract incrementally, or raise longestTransaction and timeout',
  );
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
