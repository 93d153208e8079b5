import { quoteTable, type TableName } from './cursor';
import { SqlError } from './errors';
import type { Session } from './session';
import { quoteName } from './tokenizer';

/** A column that holds a value of more bytes than it was declared for. */
export interface Overflow {
  readonly column: string;
  readonly limit: number;
  readonly longest: number;
}

/** The first column of the table with too long a value. DuckDB lets them in, so that every statement that writes is followed by this look. */
export async function findOverflow(table: TableName, session: Session): Promise<Overflow | undefined> {
  const limited = (await session.columns(table)).filter(({ type }) => type.bytes !== undefined);
  if (limited.length === 0) return undefined;
  const longest = limited.map(({ name, type }) => `max(${type.duckdb === 'BLOB' ? 'octet_length' : 'strlen'}(${quoteName(name)}))`);
  const { rows } = await session.read(`SELECT ${longest.join(', ')} FROM ${quoteTable(table)}`);
  for (const [index, { name, type }] of limited.entries()) {
    const bytes = Number(rows[0]?.[index] ?? 0);
    if (bytes > type.bytes!) return { column: name, limit: type.bytes!, longest: bytes };
  }
  return undefined;
}

export async function refuseOverflow(table: TableName, session: Session): Promise<void> {
  const overflow = await findOverflow(table, session);
  if (!overflow) return;
  const { column, limit, longest } = overflow;
  throw new SqlError(`value too long for type character varying(${limit}): column "${column}" would hold a value of ${longest} bytes`);
}
