import type { ExtractEvent } from '../contract';
import { quoteIdentifier } from '../shared/identifier';
import { type SourceColumn, selectedValue } from './column-types';

type Hidden = Pick<ExtractEvent, 'maskColumns' | 'hashColumns'>;

const MASK = '***';
const MASK_TYPE = `varchar(${MASK.length})`;
/** A SHA-256 in hexadecimal. */
const HASH_TYPE = 'varchar(64)';

/** The type that a masked or hashed column has in the dataset; undefined for one that is read as it is. */
export function hiddenType(name: string, { maskColumns, hashColumns }: Hidden): string | undefined {
  if (maskColumns?.includes(name)) return MASK_TYPE;
  return hashColumns?.includes(name) ? HASH_TYPE : undefined;
}

/** What follows SELECT. Masking and hashing are part of it, so that the values never leave the database; NULL stays NULL. */
export function projection(columns: readonly SourceColumn[], { maskColumns, hashColumns }: Hidden): string {
  return columns
    .map((column) => {
      const value = selectedValue(column);
      if (maskColumns?.includes(column.name)) return `CASE WHEN ${quoteIdentifier(column.name)} IS NOT NULL THEN '${MASK}' END`;
      if (!hashColumns?.includes(column.name)) return value;
      return `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((${value})::text, 'UTF8')), 'hex')`;
    })
    .join(', ');
}
