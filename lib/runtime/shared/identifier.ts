import { PermanentError } from './errors';

/** A table as it is written in `schema.name` or `name`, taken apart. Each part is the name itself, spelled as the catalogue spells it. */
export interface TableName {
  readonly schema?: string;
  readonly name: string;
}

const BARE = /^[\p{L}_][\p{L}\p{N}_$]*$/u;

/**
 * Reads `schema.name` or `name`. A part with other characters than letters, digits, `_` and `$` is written in double quotes, a quote in it
 * doubled, as in SQL. Unlike in SQL a bare part keeps its case: it is looked up as it is spelled.
 */
export function parseTableName(text: string): TableName {
  const parts = splitParts(text);
  if (parts.length === 1) return { name: parts[0]! };
  if (parts.length === 2) return { schema: parts[0]!, name: parts[1]! };
  throw invalid(text, `it has ${parts.length} parts; name the table as schema.name or name, and a part that holds a dot in double quotes`);
}

/** The SQL text of an identifier, always quoted, so that a name can only ever be a name. */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0'))
    throw new PermanentError('InvalidInput', 'an identifier is empty or holds a zero byte; name the column or table');
  return `"${name.replaceAll('"', '""')}"`;
}

/** The SQL text of a table name, every part quoted. */
export function quoteTableName(table: TableName): string {
  const name = quoteIdentifier(table.name);
  return table.schema === undefined ? name : `${quoteIdentifier(table.schema)}.${name}`;
}

/** The table as a person writes it: quotes only where {@link parseTableName} needs them. */
export function formatTableName(table: TableName): string {
  const part = (name: string) => (BARE.test(name) ? name : quoteIdentifier(name));
  return table.schema === undefined ? part(table.name) : `${part(table.schema)}.${part(table.name)}`;
}

function splitParts(text: string): string[] {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const [part, end] = text[at] === '"' ? quotedPart(text, at) : barePart(text, at);
    parts.push(part);
    if (end === text.length) return parts;
    if (text[end] !== '.') throw invalid(text, 'after a closing quote only a dot or the end may follow; double a quote that belongs to the name');
    at = end + 1;
  }
}

function quotedPart(text: string, start: number): [string, number] {
  let end = start + 1;
  for (;;) {
    end = text.indexOf('"', end);
    if (end < 0) throw invalid(text, 'a double quote is not closed; close it, and double a quote that belongs to the name');
    if (text[end + 1] !== '"') break;
    end += 2;
  }
  const part = text.slice(start + 1, end).replaceAll('""', '"');
  if (part === '' || part.includes('\0')) throw invalid(text, 'a part is empty or holds a zero byte; name the table as schema.name or name');
  return [part, end + 1];
}

function barePart(text: string, start: number): [string, number] {
  const dot = text.indexOf('.', start);
  const end = dot < 0 ? text.length : dot;
  const part = text.slice(start, end);
  if (part === '') throw invalid(text, 'a part is empty; name the table as schema.name or name');
  if (!BARE.test(part)) {
    throw invalid(
      text,
      `part '${part}' holds other characters than letters, digits, _ and $; if that is its name, write ${quoteIdentifier(part.replaceAll('\0', ''))}`,
    );
  }
  return [part, end];
}

function invalid(text: string, why: string): PermanentError {
  return new PermanentError('InvalidInput', `table name '${text}' cannot be read: ${why}`);
}
