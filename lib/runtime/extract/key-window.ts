import type { ExtractEvent } from '../contract';
import { PermanentError } from '../shared/errors';
import { formatTableName, quoteIdentifier, quoteTableName } from '../shared/identifier';
import { findColumn, type SourceTable } from './catalogue';
import type { Session } from './connection';
import { replayOf, type Selection, windowCondition } from './selection';

const INTEGERS = ['int2', 'int4', 'int8'];
const INTEGER = /^-?\d{1,19}$/;
const LOWEST = '-9223372036854775808';
const POLL_MS = 200;

/** The transactions that write to the table, or to one of its partitions. */
const WRITERS = `
  WITH RECURSIVE part (oid) AS (
    SELECT $1::int8::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN part p ON i.inhparent = p.oid
  )
  SELECT DISTINCT l.virtualtransaction AS id FROM pg_catalog.pg_locks l JOIN part p ON l.relation = p.oid
  WHERE l.locktype = 'relation' AND l.granted AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

/**
 * `high` is above the greatest key that can be seen. Lower keys may be in transactions that are still open, since a sequence numbers rows before they
 * are committed: those that write to the table are waited for, as CREATE INDEX CONCURRENTLY does. When they do not end in time the window is empty, and
 * a later run has their rows. With an overlap the window begins so many keys earlier instead.
 */
export async function selectKeyWindow(
  session: Session,
  table: SourceTable,
  incremental: NonNullable<ExtractEvent['incremental']>,
): Promise<Selection> {
  const { column, lagSeconds, overlap = 0 } = incremental;
  const low = incremental.low ?? null;
  const found = findColumn(table, column);
  if (!found.builtIn || found.isArray || !INTEGERS.includes(found.type)) {
    throw new PermanentError(
      'InvalidInput',
      `the incremental key '${column}' is ${found.declared}; choose a column of type smallint, integer or bigint`,
    );
  }
  if (low !== null && !INTEGER.test(low)) {
    throw new PermanentError('InvalidInput', `the low end '${low.slice(0, 40)}' of the window is not a whole number; write it as 12345`);
  }
  if (incremental.high != null) return replayOf(table, { column, low, high: incremental.high }, INTEGER, 'a whole number; write it as 12345');
  const select = (high: string, isEmpty: boolean): Selection => {
    const from = low !== null && overlap > 0 ? { from: String(BigInt(low) - BigInt(overlap)) } : {};
    const window = { column, low, high, ...from };
    return { window, condition: windowCondition(table, window), isEmpty };
  };
  const [seen] = await session.query<{ high: string | null; isReplica: boolean }>(
    `SELECT (pg_catalog.max(${quoteIdentifier(column)})::numeric + 1)::text AS high, pg_catalog.pg_is_in_recovery() AS "isReplica" FROM ${quoteTableName(table.name)}`,
  );
  const { high, isReplica } = seen!;
  const nothing = () => select(low ?? LOWEST, true);
  if (overlap === 0 && isReplica) {
    throw new PermanentError(
      'InvalidInput',
      `'${formatTableName(table.name)}' is read from a replica, which does not know which lower keys the primary has yet to commit; ` +
        'set overlap on Incremental.byKey, or extract from the primary',
    );
  }
  if (high === null || (low !== null && BigInt(high) <= BigInt(low))) return nothing();
  return overlap > 0 || (await writersEnd(session, table, lagSeconds * 1000)) ? select(high, false) : nothing();
}

/** Waits until the transactions that write to the table now have ended; false if one goes on for longer. */
async function writersEnd(session: Session, table: SourceTable, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  const writers = async () => (await session.query<{ id: string }>(WRITERS, [table.oid])).map(({ id }) => id);
  let open = await writers();
  while (open.length > 0) {
    if (performance.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const still = new Set(await writers());
    open = open.filter((id) => still.has(id));
  }
  return true;
}
