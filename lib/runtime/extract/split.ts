import { quoteTableName } from '../shared/identifier';
import type { SourceTable } from './catalogue';
import type { Session } from './connection';
import { TooLong } from './database-error';
import { type KeyColumn, type KeyRange, type Place, placesOf, selectedPlace, where } from './key';

/** So many blocks of 8 KB are read to find where to split, whatever the size of the table. */
const SAMPLED_BLOCKS = 1000;

/** The blocks of a table with all that belong to it; a partitioned table has none of its own. */
const BLOCKS = `
  WITH RECURSIVE part (oid) AS (
    SELECT $1::int8::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN part p ON i.inhparent = p.oid
  )
  SELECT coalesce(sum(pg_catalog.pg_relation_size(oid)) / pg_catalog.current_setting('block_size')::int, 0)::text AS blocks FROM part`;

/**
 * Splits what the conditions select into at most `count` ranges of the key, which have about as many rows each, by a sample of the table's blocks. All of
 * them together are the whole, whatever the sample says; it is one range where nothing of the selection is in the sample, or the sample takes too long.
 */
export async function split(
  session: Session,
  table: SourceTable,
  key: readonly KeyColumn[],
  conditions: readonly string[],
  count: number,
): Promise<KeyRange[]> {
  const borders = count > 1 && key.length > 0 ? await findBorders(session, table, key, conditions, count).catch(noneIfTooLong) : [];
  return [...borders, null].map((upTo, index) => ({ after: borders[index - 1] ?? null, upTo }));
}

/** A sample that the source has no time for is not worth failing for. */
function noneIfTooLong(error: Error): Place[] {
  if (error instanceof TooLong && error.reason !== 'silent') return [];
  throw error;
}

/** The last rows of all but the last of `count` equal shares of the sample. */
async function findBorders(
  session: Session,
  table: SourceTable,
  key: readonly KeyColumn[],
  conditions: readonly string[],
  count: number,
): Promise<Place[]> {
  const [found] = await session.query<{ blocks: string }>(BLOCKS, [table.oid]);
  const percent = Math.min(100, (100 * SAMPLED_BLOCKS) / Math.max(1, Number(found!.blocks)));
  const { texts, order } = selectedPlace(key);
  const rows = await session.query<Record<string, string>>(
    `SELECT * FROM (
      SELECT ${texts}, pg_catalog.row_number() OVER (ORDER BY ${order}) AS place, pg_catalog.count(*) OVER () AS places
      FROM ${quoteTableName(table.name)} TABLESAMPLE SYSTEM (${percent})${where(conditions)}
    ) sample WHERE place < places AND place * ${count} / places > (place - 1) * ${count} / places ORDER BY place`,
  );
  return placesOf(key, rows);
}
