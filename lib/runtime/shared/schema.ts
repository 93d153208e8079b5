import type { Column } from '../contract';

/** What follows the type of a column that is never NULL. */
export const NOT_NULL = ' not null';

/** The columns of a dataset as one short text, which a committed run leaves for the next. Their order means nothing. */
export function formatSchema(columns: readonly Column[]): string {
  return JSON.stringify(Object.fromEntries(columns.map(({ name, type, nullable }) => [name, nullable ? type : type + NOT_NULL])));
}
