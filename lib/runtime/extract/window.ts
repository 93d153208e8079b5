import type { ExtractEvent } from '../contract';
import { PermanentError } from '../shared/errors';
import { formatTableName, quoteIdentifier, quoteTableName } from '../shared/identifier';
import { findColumn, type SourceTable } from './catalogue';
import type { Session } from './connection';
import { selectKeyWindow } from './key-window';
import { replayOf, type Selection, windowCondition } from './selection';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/;
const KINDS: Readonly<Record<string, 'timestamp' | 'timestamptz'>> = { timestamp: 'timestamp', timestamptz: 'timestamptz' };

/**
 * `high` is the database's clock minus the lag, read before the transaction's snapshot is taken, so that no row below it can be committed by a clock
 * that ran ahead of the snapshot. On a replica the clock stands where the last replayed transaction was committed, so that one that stalls gives empty
 * windows and no gap. A `timestamp` without zone is read as UTC.
 */
export async function selectWindow(session: Session, table: SourceTable, incremental: NonNullable<ExtractEvent['incremental']>): Promise<Selection> {
  if (incremental.kind === 'key') return selectKeyWindow(session, table, incremental);
  const { column, lagSeconds, overlap = 0 } = incremental;
  const low = incremental.low ?? null;
  const found = findColumn(table, column);
  const type = found.builtIn ? KINDS[found.type] : undefined;
  if (!type) {
    throw new PermanentError(
      'InvalidInput',
      `the incremental column '${column}' is ${found.declared}; choose a column of type timestamptz or timestamp`,
    );
  }
  if (low !== null && !INSTANT.test(low)) {
    throw new PermanentError(
      'InvalidInput',
      `the low end '${low.slice(0, 40)}' of the window is not an instant; write it as 2026-01-31T23:59:59.000000Z`,
    );
  }
  if (!Number.isFinite(lagSeconds) || lagSeconds < 0) {
    throw new PermanentError('InvalidInput', `lagSeconds is ${lagSeconds}; it must be a number of seconds, 0 or more`);
  }
  if (incremental.high != null)
    return replayOf(table, { column, low, high: incremental.high }, INSTANT, 'an instant; write it as 2026-01-31T23:59:59.000000Z');
  const [clock] = await session.query<Clock>(CLOCK, [lagSeconds, low, overlap]);
  if (clock!.isUnknown && low === null) throw neverReplayed(table);
  const empty = clock!.isUnknown || clock!.empty;
  const high = empty ? low! : clock!.high!;
  const from = clock!.from ?? undefined;
  const window = { column, low, high, ...(from !== undefined && overlap > 0 && { from }) };
  return { window, condition: windowCondition(table, window), isEmpty: empty };
}

interface Clock {
  readonly high: string | null;
  readonly from: string | null;
  readonly empty: boolean;
  readonly isUnknown: boolean;
}

const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;
/** A reader of Aurora shares the storage of its writer, milliseconds behind, and replays nothing that it could tell the time of. */
const CLOCK = `
  WITH replica AS (
    SELECT pg_catalog.pg_is_in_recovery() AND pg_catalog.to_regproc('aurora_version') IS NULL AS replays,
      CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_xact_replay_timestamp() END AS replayed
  ), clock AS (
    SELECT least(pg_catalog.clock_timestamp(), replayed) - pg_catalog.make_interval(secs => $1) AS high, replays AND replayed IS NULL AS "isUnknown"
    FROM replica
  )
  SELECT pg_catalog.to_char(high AT TIME ZONE 'UTC', ${ISO}) AS high, coalesce($2::timestamptz >= high, false) AS empty, "isUnknown",
    pg_catalog.to_char(($2::timestamptz - pg_catalog.make_interval(secs => $3)) AT TIME ZONE 'UTC', ${ISO}) AS "from"
  FROM clock`;

function neverReplayed(table: SourceTable): Error {
  const error = new Error(
    `the replica of '${formatTableName(table.name)}' has replayed no transaction since it started, so that nothing says how far it is; ` +
      'try again when it follows its primary, or extract from the primary',
  );
  error.name = 'SourceUnavailable';
  return error;
}

/** Rows that no window will ever hold would be lost without a word, so they are refused. */
export async function refuseRowsOutsideEveryWindow(session: Session, table: SourceTable, column: string): Promise<void> {
  const name = quoteIdentifier(column);
  const infinity = KINDS[findColumn(table, column).type] ? ` OR ${name} = 'infinity'` : '';
  const [found] = await session.query<{ rows: string }>(
    `SELECT pg_catalog.count(*)::text AS rows FROM ${quoteTableName(table.name)} WHERE ${name} IS NULL${infinity}`,
  );
  if (found!.rows !== '0') {
    throw new PermanentError(
      'InvalidInput',
      `${found!.rows} rows of '${formatTableName(table.name)}' have no value in the incremental column '${column}' (NULL${infinity && ' or infinity'}) and would never be extracted; ` +
        'fill it in and make it NOT NULL, choose another column, or extract the whole table',
    );
  }
}
