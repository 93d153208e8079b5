import type { Column } from '../../runtime/contract';
import { quoteIdentifier } from '../../runtime/shared/identifier';
import { parseType } from '../../runtime/shared/types';
import { quoteText } from './duckdb';

const INTEGER = '-?\\d+';
const NUMBER = '(?:-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|-?Infinity|NaN)';
const DATE = '\\d{4,6}-\\d\\d-\\d\\d';
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?';
const ZONE = '[+-]\\d\\d(?::\\d\\d(?::\\d\\d)?)?';

/** SQL of the value that the text of a column stands for; NULL where the text is not exactly of the column's type. */
export function valueSql({ name, type }: Column): string {
  const text = quoteIdentifier(name);
  const parsed = parseType(type);
  switch (parsed.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return cast(text, INTEGER, parsed.kind);
    case 'decimal':
      return cast(text, `-?\\d+(?:\\.\\d{0,${parsed.scale}}0*)?`, type);
    case 'real':
      return finite(text, 'FLOAT');
    case 'double precision':
      return finite(text, 'DOUBLE');
    case 'boolean':
      return `CASE ${text} WHEN 't' THEN true WHEN 'f' THEN false END`;
    case 'date':
      return cast(text, DATE, 'DATE');
    // Text, as in the job's script: neither Spark nor COPY has a TIME in Parquet.
    case 'time':
      return cast(text, `(?:${TIME}|24:00:00(?:\\.0{1,6})?)`, 'VARCHAR');
    // An instant in UTC, as in the job's script, which says why.
    case 'timestamp':
      return `CASE WHEN ${matches(text, `${DATE} ${TIME}`)} THEN TRY_CAST(${text} || '+00' AS TIMESTAMPTZ) END`;
    case 'timestamptz':
      return cast(text, `${DATE} ${TIME}${ZONE}`, 'TIMESTAMPTZ');
    case 'varchar':
      return `CASE WHEN strlen(${text}) <= ${parsed.length} THEN ${text} END`;
  }
}

/** Value of a partition whose column is NULL, or empty: Hive has no empty one either. */
const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__';

/** SQL of a column's value as it stands in the name of its folder: url-encoded. */
export function folderValueSql(column: Column): string {
  return `coalesce(nullif(url_encode((${valueSql(column)})::VARCHAR), ''), ${quoteText(NULL_PARTITION)})`;
}

/** A column's name as it stands in the name of its folder: encoded as `url_encode` does. */
export function folderName(column: Column): string {
  return encodeURIComponent(column.name).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function matches(text: string, pattern: string): string {
  return `regexp_full_match(${text}, ${quoteText(pattern)})`;
}

function cast(text: string, pattern: string, type: string): string {
  return `CASE WHEN ${matches(text, pattern)} THEN TRY_CAST(${text} AS ${type}) END`;
}

/** A number too large for its type is cast to infinity, which only the text `Infinity` may be. */
function finite(text: string, type: string): string {
  return `CASE WHEN ${matches(text, NUMBER)} AND (isfinite(TRY_CAST(${text} AS ${type})) OR regexp_matches(${text}, '[yN]$')) THEN TRY_CAST(${text} AS ${type}) END`;
}
