import type { Column, ManifestEntry } from '../../runtime/contract';
import { PermanentError } from '../../runtime/shared/errors';
import { quoteIdentifier } from '../../runtime/shared/identifier';
import { valueSql } from './columns';
import type { Duckdb } from './duckdb';
import { linesSql, WELL_FORMED } from './lines';

const LISTED = 10;

/** Refuses parts whose lines, counts or values are not what the manifest says; answers how many records there are. */
export async function checkRows(
  db: Duckdb,
  entries: readonly ManifestEntry[],
  columns: readonly Column[],
  resolveS3: (url: string) => string,
): Promise<number> {
  const misfits = columns.map(() => 0);
  const nulls = columns.map(() => 0);
  let total = 0;
  for (const { url, meta } of entries) {
    const [row] = await db.query(countsSql(resolveS3(url), columns));
    const records = Number(row!.records);
    if (Number(row!.malformed) > 0) {
      throw new PermanentError(
        'CorruptInput',
        `${row!.malformed} of ${records} lines of part '${url}' are not a JSON object of exactly the schema's columns, each text or null; ` +
          'let the step before write such lines',
      );
    }
    if (records !== meta.record_count) {
      throw new PermanentError(
        'CorruptInput',
        `part '${url}' has ${records} records, its manifest says ${meta.record_count}; run the step that wrote it again`,
      );
    }
    total += records;
    columns.forEach((_, index) => {
      misfits[index]! += Number(row![`misfits${index}`]);
      nulls[index]! += Number(row![`nulls${index}`]);
    });
  }
  const misfitting = columns.flatMap(({ name, type }, index) => (misfits[index] ? [`'${name}' ${type}: ${misfits[index]}`] : []));
  if (misfitting.length > 0) {
    throw new PermanentError(
      'CorruptInput',
      `values that are not of the type of their column, by column: ${listing(misfitting)}; cast or reject them in LambdaClean`,
    );
  }
  const missing = columns.flatMap(({ name, nullable }, index) => (!nullable && nulls[index] ? [`'${name}': ${nulls[index]}`] : []));
  if (missing.length > 0) {
    throw new PermanentError(
      'CorruptInput',
      `nulls in columns that have none, by column: ${listing(missing)}; reject them in LambdaClean with CleanRule.required`,
    );
  }
  return total;
}

function countsSql(file: string, columns: readonly Column[]): string {
  const counts = columns.map((column, index) => {
    const text = quoteIdentifier(column.name);
    return `count(*) FILTER (${text} IS NOT NULL AND (${valueSql(column)}) IS NULL) AS misfits${index}, count(*) FILTER (${text} IS NULL) AS nulls${index}`;
  });
  return `SELECT count(*) AS records, count(*) FILTER (NOT ${WELL_FORMED}) AS malformed, ${counts} FROM (${linesSql([file], columns)})`;
}

function listing(items: readonly string[]): string {
  const more = items.length > LISTED ? ` and ${items.length - LISTED} more` : '';
  return items.slice(0, LISTED).join(', ') + more;
}
