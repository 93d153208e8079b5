import { quoteIdentifier } from '../shared/identifier';
import type { SourceTable } from './catalogue';
import type { Session } from './connection';

/** A column of the key in whose order a table is read. */
export interface KeyColumn {
  readonly name: string;
  /** The type as SQL writes it. */
  readonly type: string;
}

/** The place of a row in the order of a key: the text of each column of it. */
export type Place = readonly string[];

/** The rows after `after`, up to and including `upTo`; null is the end of the table. */
export interface KeyRange {
  readonly after: Place | null;
  readonly upTo: Place | null;
}

/** Of the unique indexes without NULL the primary key, or else the shortest. */
const UNIQUE_KEY = `
  SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type
  FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, at)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  WHERE k.at <= i.indnkeyatts AND i.indexrelid = (
    SELECT x.indexrelid FROM pg_catalog.pg_index x
    WHERE x.indrelid = $1::int8::oid AND x.indisunique AND x.indisvalid AND x.indimmediate AND x.indpred IS NULL AND x.indexprs IS NULL
      AND NOT EXISTS (
        SELECT FROM pg_catalog.unnest(x.indkey::int2[]) WITH ORDINALITY AS c (attnum, at)
          JOIN pg_catalog.pg_attribute n ON n.attrelid = x.indrelid AND n.attnum = c.attnum
        WHERE c.at <= x.indnkeyatts AND NOT n.attnotnull)
    ORDER BY x.indisprimary DESC, x.indnkeyatts, x.indexrelid LIMIT 1)
  ORDER BY k.at`;

/**
 * The key by which a table is read in pieces: the primary key, or a unique one that is never NULL. An incremental extraction goes by its own
 * column first, which has the index that a window needs. Empty for a table, or view, that has none.
 */
export async function findKey(session: Session, table: SourceTable, incremental?: string): Promise<KeyColumn[]> {
  const unique = await session.query<KeyColumn>(UNIQUE_KEY, [table.oid]);
  const first = table.columns.find((column) => column.name === incremental);
  if (!first) return unique;
  return [{ name: first.name, type: first.declared }, ...unique.filter((column) => column.name !== first.name)];
}

/** The SQL condition of a range, nothing for the whole table. */
export function rangeConditions(key: readonly KeyColumn[], { after, upTo }: KeyRange): string[] {
  return [...(after ? [`${names(key)} > ${place(key, after)}`] : []), ...(upTo ? [`${names(key)} <= ${place(key, upTo)}`] : [])];
}

/** The place of the `rows`-th row of what the conditions select; undefined if there are fewer. */
export async function placeOf(
  session: Session,
  from: string,
  key: readonly KeyColumn[],
  conditions: readonly string[],
  rows: number,
): Promise<Place | undefined> {
  const { texts, order } = selectedPlace(key);
  const found = await session.query<Record<string, string>>(
    `SELECT ${texts} FROM ${from}${where(conditions)} ORDER BY ${order} OFFSET ${rows - 1} LIMIT 1`,
  );
  return placesOf(key, found)[0];
}

/** SQL that selects the place of a row, for {@link placesOf}, and SQL of the order of places. */
export function selectedPlace(key: readonly KeyColumn[]): { texts: string; order: string } {
  const columns = key.map(({ name }) => quoteIdentifier(name));
  return { texts: columns.map((column, index) => `${column}::text AS k${index}`).join(', '), order: columns.join(', ') };
}

/** The places that rows hold. */
export function placesOf(key: readonly KeyColumn[], rows: readonly Record<string, string>[]): Place[] {
  return rows.map((row) => key.map((_, index) => row[`k${index}`]!));
}

/** ` WHERE a AND b`, or nothing. */
export function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
}

function names(key: readonly KeyColumn[]): string {
  return `(${key.map(({ name }) => quoteIdentifier(name)).join(', ')})`;
}

function place(key: readonly KeyColumn[], values: Place): string {
  return `(${key.map(({ type }, index) => `${quoteLiteral(values[index]!)}::${type}`).join(', ')})`;
}

/** The escape form reads the same whatever `standard_conforming_strings` says. */
function quoteLiteral(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
