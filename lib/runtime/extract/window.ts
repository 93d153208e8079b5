import type { ExtractEvent, Window } from '../contract';
import { PermanentError } from '../shared/errors';
import { formatTableName, quoteIdentifier, quoteTableName } from '../shared/identifier';
import { findColumn, type SourceTable } from './catalogue';
import type { Session } from './connection';

/** The rows of an incremental extraction: the window, and the condition in SQL that selects it. */
export interface Selection {
  readonly window: Window;
  readonly condition: string;
  readonly isEmpty: boolean;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/;
const KINDS: Readonly<Record<string, 'timestamp' | 'timestamptz'>> = { timestamp: 'timestamp', timestamptz: 'timestamptz' };

/**
 * `high` is the database's clock minus the lag, read before the transaction's snapshot is taken, so that no row below it can be committed by a clock
 * that ran ahead of the snapshot. A `timestamp` without zone is read as UTC.
 */
export async function selectWindow(session: Session, table: SourceTable, incremental: NonNullable<ExtractEvent['incremental']>): Promise<Selection> {
  const { column, lagSeconds } = incremental;
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
  const [clock] = await session.query<{ high: string; empty: boolean }>(
    `WITH clock AS (SELECT pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => $1) AS high)
     SELECT pg_catalog.to_char(high AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS high, coalesce($2::timestamptz >= high, false) AS empty FROM clock`,
    [lagSeconds, low],
  );
  const { empty } = clock!;
  const high = empty ? low! : clock!.high;
  const window = { column, low, high };
  return { window, condition: windowCondition(table, window), isEmpty: empty };
}

/** The SQL condition that selects the rows of a window. */
export function windowCondition(table: SourceTable, { column, low, high }: Window): string {
  const name = quoteIdentifier(column);
  const type = findColumn(table, column).type;
  return [...(low === null ? [] : [`${name} >= '${low}'::${type}`]), `${name} < '${high}'::${type}`].join(' AND ');
}

/** Rows that no window will ever hold would be lost without a word, so they are refused. */
export async function refuseRowsOutsideEveryWindow(session: Session, table: SourceTable, column: string): Promise<void> {
  const name = quoteIdentifier(column);
  const [found] = await session.query<{ rows: string }>(
    `SELECT pg_catalog.count(*)::text AS rows FROM ${quoteTableName(table.name)} WHERE ${name} IS NULL OR ${name} = 'infinity'`,
  );
  if (found!.rows !== '0') {
    throw new PermanentError(
      'InvalidInput',
      `${found!.rows} rows of '${formatTableName(table.name)}' have no time in the incremental column '${column}' (NULL or infinity) and would never be extracted; ` +
        'fill it in and make it NOT NULL, choose another column, or extract the whole table',
    );
  }
}
