import type { Dataset, ExtractEvent, ExtractPlan, Location, Unfinished } from '../contract';
import { PermanentError } from '../shared/errors';
import { parseTableName, quoteTableName } from '../shared/identifier';
import { partUrl, toManifest, writeManifest } from '../shared/manifest';
import { formatSchema } from '../shared/schema';
import { chooseColumns, findColumn, findTable } from './catalogue';
import { connectTo, type Session } from './connection';
import { Deadline, type InvocationContext } from './deadline';
import { estimate } from './estimate';
import { findKey, type KeyColumn } from './key';
import { type Progress, readProgress, writeProgress } from './progress';
import { projection } from './projection';
import { chunkBytes, type Reading, read } from './read';
import { refuseSchemaChanges } from './schema-changes';
import { windowCondition } from './selection';
import { split } from './split';
import { refuseRowsOutsideEveryWindow, selectWindow } from './window';

const LONGEST_TRANSACTION_SECONDS = 300;
const MAX_INVOCATIONS = 200;
/** For a call from elsewhere than Lambda. */
const NO_DEADLINE: InvocationContext = { getRemainingTimeInMillis: () => 900_000 };

/**
 * The extract function. Streams a table, or a window of it, out of PostgreSQL into gzip parts on S3 and, last, their manifest. What does not fit into
 * the time of an invocation is left to the next. Memory is bounded whatever the table's size; connections are closed in every case.
 */
export async function handler(event: ExtractEvent & { readonly dryRun: true }): Promise<ExtractPlan>;
export async function handler(event: ExtractEvent, context?: InvocationContext): Promise<Dataset | Unfinished>;
export async function handler(event: ExtractEvent, context: InvocationContext = NO_DEADLINE): Promise<Dataset | Unfinished | ExtractPlan> {
  const deadline = new Deadline(context);
  validate(event);
  const invocation = event.cursor?.invocation ?? 0;
  const output = { bucket: event.output.bucket, prefix: invocation === 0 ? event.output.prefix : `${event.output.prefix}/invocation-${invocation}` };
  const connect = await connectTo(event.table);
  if (event.dryRun) return connect((session) => plan(session, event));
  const earlier = event.cursor ? await readProgress(event.cursor) : undefined;
  const { progress, ...found } = await connect((session) => prepare(session, event, earlier));
  await read({ ...found, ...settings(event, output, deadline), connect }, progress);
  if (progress.ranges.length === 0) return finish(event, output, invocation + 1, progress);
  return { done: false, cursor: await writeProgress(output, nextInvocation(event, invocation), progress) };
}

function validate({ table, partBytes, ranges = 1, longestTransactionSeconds = LONGEST_TRANSACTION_SECONDS }: ExtractEvent): void {
  parseTableName(table);
  if (!Number.isSafeInteger(partBytes) || partBytes < 1) {
    throw new PermanentError('InvalidInput', `partBytes is ${partBytes}; it must be a whole number of bytes, 1 or more`);
  }
  if (!Number.isInteger(ranges) || ranges < 1) {
    throw new PermanentError('InvalidInput', `ranges is ${ranges}; it must be a whole number, 1 or more`);
  }
  if (!(longestTransactionSeconds > 0)) {
    throw new PermanentError('InvalidInput', `longestTransactionSeconds is ${longestTransactionSeconds}; it must be a number of seconds above 0`);
  }
}

function settings(event: ExtractEvent, output: Location, deadline: Deadline): Pick<Reading, 'longestTransactionMs' | 'parts' | 'deadline'> {
  let parts = 0;
  return {
    longestTransactionMs: (event.longestTransactionSeconds ?? LONGEST_TRANSACTION_SECONDS) * 1000,
    parts: { partBytes: event.partBytes, nextUrl: () => partUrl(output, parts++, 'txt.gz'), finished: (ms) => deadline.finished(ms) },
    deadline,
  };
}

interface Prepared extends Pick<Reading, 'table' | 'projection' | 'conditions' | 'key'> {
  readonly progress: Progress;
}

/** Resolves names, types, window and key. What the first invocation found stays so: a table that changed in between cannot be one dataset. */
async function prepare(session: Session, event: ExtractEvent, earlier: Progress | undefined): Promise<Prepared> {
  const table = await findTable(session, event.table);
  const columns = chooseColumns(table, event);
  if (!earlier) refuseSchemaChanges(table, columns, event);
  const key = await findKey(session, table, event.incremental?.column);
  const selected = projection(
    columns.map((column) => findColumn(table, column.name)),
    event,
  );
  if (earlier) {
    refuseChange(event.table, earlier, { ...earlier, columns, key: namesOf(key) });
    const conditions = earlier.window ? [windowCondition(table, earlier.window)] : [];
    return { table, projection: selected, conditions, key, progress: earlier };
  }

  const selection = event.incremental && (await selectWindow(session, table, event.incremental));
  const conditions = selection ? [selection.condition] : [];
  if (selection && !selection.isEmpty) await refuseRowsOutsideEveryWindow(session, table, selection.window.column);
  const expected = await estimate(session, table, selected, conditions);
  const wanted = Math.min(event.ranges ?? 1, Math.ceil((expected.rows * expected.rowBytes) / event.partBytes));
  const ranges = await split(session, table, key, conditions, wanted);
  const progress: Progress = {
    columns,
    ...(selection && { window: selection.window }),
    key: namesOf(key),
    ranges: selection?.isEmpty ? [] : ranges.map((range) => ({ ...range, expectedRows: expected.rows / ranges.length })),
    entries: [],
    chunkRows: Math.max(1, Math.ceil(chunkBytes(event.partBytes) / expected.rowBytes)),
    snapshots: 0,
    longestTransactionMs: 0,
  };
  return { table, projection: selected, conditions, key, progress };
}

function namesOf(key: readonly KeyColumn[]): string[] {
  return key.map(({ name }) => name);
}

function refuseChange(table: string, earlier: Progress, now: Progress): void {
  for (const what of ['columns', 'key'] as const) {
    if (JSON.stringify(earlier[what]) !== JSON.stringify(now[what])) {
      throw new PermanentError('InvalidInput', `the ${what} of table '${table}' changed while it was extracted; run the extraction again`);
    }
  }
}

function nextInvocation({ table, maxInvocations = MAX_INVOCATIONS }: ExtractEvent, invocation: number): number {
  const next = invocation + 1;
  if (next < maxInvocations) return next;
  throw new PermanentError(
    'LimitExceeded',
    `table '${table}' is not extracted after ${next} invocations, which is maxInvocations; raise it, or raise memory or ranges so that each reads more`,
  );
}

async function finish(event: ExtractEvent, output: Location, invocations: number, progress: Progress): Promise<Dataset> {
  const { columns, window, entries, snapshots, longestTransactionMs } = progress;
  const manifest = toManifest(entries, 'copy-text', columns);
  const recordCount = manifest.meta.record_count;
  return {
    name: event.name,
    manifest: await writeManifest(output, manifest),
    format: 'copy-text',
    recordCount,
    parts: entries.length,
    columns,
    counts: { extracted: recordCount },
    ...(window && { window }),
    extraction: { invocations, snapshots, longestTransactionMs },
    schema: formatSchema(columns),
  };
}

/** What an extraction would extract now, counted by the same condition. */
async function plan(session: Session, event: ExtractEvent): Promise<ExtractPlan> {
  const table = await findTable(session, event.table);
  const columns = chooseColumns(table, event);
  refuseSchemaChanges(table, columns, event);
  const selection = event.incremental && (await selectWindow(session, table, event.incremental));
  const where = selection ? ` WHERE ${selection.isEmpty ? 'false' : selection.condition}` : '';
  const [found] = await session.query<{ rows: string }>(`SELECT pg_catalog.count(*)::text AS rows FROM ${quoteTableName(table.name)}${where}`);
  return { name: event.name, columns, rows: Number(found!.rows), ...(selection && { window: selection.window }) };
}
