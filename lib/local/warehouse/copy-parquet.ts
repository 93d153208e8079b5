import type { CopyJob } from './copy';
import { quoteTable } from './cursor';
import { SqlError } from './errors';
import { findOverflow } from './lengths';
import type { S3Object } from './manifest';
import type { Session, TableColumn } from './session';
import { quoteName, quoteText } from './tokenizer';

/** Loads Parquet by position: as many columns, of exactly the types, as the table or the column list has. Returns the number of rows. */
export async function copyParquet(job: CopyJob, session: Session): Promise<number> {
  for (const { name, type } of job.columns) {
    if (type.name === 'time') throw new SqlError(`COPY from Parquet does not load column "${name}" of type time; stage it as varchar and cast it`);
  }
  let rows = 0;
  for (const object of job.objects) rows += await copyObject(object, job, session);
  const overflow = await findOverflow(job.table, session);
  if (overflow) {
    const { column, limit, longest } = overflow;
    throw scanError(`The length of the data column ${column} is longer than the length defined in the table. Table: ${limit}, Data: ${longest}`);
  }
  return rows;
}

async function copyObject(object: S3Object, { table, columns, options }: CopyJob, session: Session): Promise<number> {
  const file = `read_parquet(${quoteText(literalPath(object.path))}, hive_partitioning = false)`;
  const found = await schemaOf(file, object, session);
  const [wanted, given] = [columns.length, found.length];
  if (given > wanted || (given < wanted && !options.fillRecord)) {
    throw scanError(`Unmatched number of columns between table and file. Table columns: ${wanted}, Data columns: ${given}, File name: ${object.url}`);
  }
  const loaded = columns.slice(0, given);
  for (const [index, column] of loaded.entries()) refuseOtherType(column, found[index]!, object);
  const names = loaded.map(({ name }) => quoteName(name)).join(', ');
  return session.add(table, `INSERT INTO ${quoteTable(table)} (${names}) SELECT * FROM ${file}`);
}

async function schemaOf(file: string, object: S3Object, session: Session): Promise<string[]> {
  try {
    return (await session.read(`DESCRIBE SELECT * FROM ${file}`)).rows.map((row) => String(row[1]));
  } catch (error) {
    if (/^INTERRUPT/.test((error as Error).message)) throw error;
    throw scanError(`File '${object.url}' is not a Parquet file`);
  }
}

/** Redshift does not widen, narrow or rescale: int32 fits INTEGER only, decimal(12,2) fits DECIMAL(12,2) only. */
function refuseOtherType(column: TableColumn, found: string, object: S3Object): void {
  const times = ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'];
  const fits =
    found === column.type.duckdb ||
    (times.includes(found) && times.includes(column.type.duckdb)) ||
    (found === 'VARCHAR' && column.type.name === 'super');
  if (fits) return;
  const type = column.type.name.toUpperCase();
  throw scanError(
    `File '${object.url}' has an incompatible Parquet schema for column '${column.name}'. Column type: ${type}, Parquet type: ${found}`,
  );
}

function scanError(context: string): SqlError {
  return new SqlError(`Spectrum Scan Error code: 15007 context: ${context}`);
}

/** A file name that DuckDB does not take for a pattern. */
export function literalPath(path: string): string {
  return path.replace(/[[*?]/g, '[$&]');
}
