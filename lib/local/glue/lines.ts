import type { Column } from '../../runtime/contract';
import { quoteIdentifier } from '../../runtime/shared/identifier';
import { quoteText } from './duckdb';

const HEX = '[0-9a-fA-F]';
const ESCAPE =
  '\\\\(?:["\\\\/bfnrt]' +
  // Neither the zero character, which no database stores as text, nor half a surrogate pair, which is no character.
  `|u(?:000[1-9a-fA-F]|00[1-9a-fA-F]${HEX}|0[1-9a-fA-F]${HEX}{2}|[1-9a-cA-CeEfF]${HEX}{3}|[dD][0-7]${HEX}{2})` +
  `|u[dD][89abAB]${HEX}{2}\\\\u[dD][c-fC-F]${HEX}{2})`;
const TEXT = `"(?:[^"\\\\\\x00-\\x1f]|${ESCAPE})*"`;
const MEMBER = `\\s*${TEXT}\\s*:\\s*(?:${TEXT}|null)\\s*`;
const LINE = `\\s*\\{(?:${MEMBER}(?:,${MEMBER})*)?\\}\\s*`;

/** The column that tells whether a line is well formed; longer than a name may be, so that no column of a dataset is called the same. */
export const WELL_FORMED = 'well_formed'.padEnd(128, '_');

/** Longest line, in bytes: a row of Redshift holds 4 MB, and JSON writes a byte with up to six. */
const LONGEST_LINE = 32 * 1024 * 1024;

/**
 * SQL of a row per line of these files: {@link WELL_FORMED}, and the text of the columns under their names. A line is well formed when it is a JSON
 * object of exactly these columns, each text or null; what is not even JSON comes as a row that is not well formed.
 */
export function linesSql(files: readonly string[], columns: readonly Column[]): string {
  const names = columns.map(({ name }) => name);
  const list = `[${names.map(quoteText)}]`;
  const structure = quoteText(JSON.stringify(Object.fromEntries(names.map((name) => [name, 'VARCHAR']))));
  // By place, because the names in a struct are found whatever their case.
  const order = Object.keys(Object.fromEntries(names.map((name) => [name, 0])));
  const texts = columns.map(({ name }) => `struct_extract_at(fields, ${order.indexOf(name) + 1}) AS ${quoteIdentifier(name)}`);
  const source = `read_json_objects([${files.map(quoteText)}], format = 'newline_delimited', compression = 'gzip', ignore_errors = true, maximum_object_size = ${LONGEST_LINE})`;
  return `
    SELECT ${WELL_FORMED}, ${texts}
    FROM (
      SELECT
        json_transform(json, ${structure}) AS fields,
        coalesce(
          regexp_full_match(json::VARCHAR, ${quoteText(LINE)})
            AND CASE
              WHEN json_keys(json) = ${list} THEN true
              ELSE len(json_keys(json)) = ${names.length} AND len(list_intersect(json_keys(json), ${list})) = ${names.length}
            END,
          false) AS ${WELL_FORMED}
      FROM ${source}
    )`;
}
