import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { CopyJob } from './copy';
import { literalPath } from './copy-parquet';
import { describeName, quoteTable } from './cursor';
import { SqlError } from './errors';
import { findOverflow } from './lengths';
import type { Session, TableColumn } from './session';
import { quoteName, quoteText } from './tokenizer';

/** The largest JSON object that COPY reads. */
const JSON_MAX_BYTES = 4 * 1024 * 1024;

/** Loads JSON lines or CSV: every text must have the form that COPY takes for its column's type. Returns the number of rows. */
export async function copyText(job: CopyJob, session: Session): Promise<number> {
  const { table, columns } = job;
  if (job.options.gzip) await refuseCutGzip(job);
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const source = job.options.format === 'json' ? jsonSource(job) : csvSource(job);
  const values = columns.map((column, index) => converted(column, `c${index}`, job)).join(', ');
  let rows: number;
  try {
    rows = await session.add(table, `INSERT INTO ${quoteTable(table)} (${names}) SELECT ${values} FROM (${source})`);
  } catch (error) {
    throw loadError(error as Error, job);
  }
  const overflow = await findOverflow(table, session);
  if (overflow) throw failed(job, `column "${overflow.column}", varchar(${overflow.limit}): String length exceeds DDL length, code 1204`);
  return rows;
}

function jsonSource({ columns, objects, options }: CopyJob): string {
  const values = columns.map(({ name }, index) => `json_extract_string(o, ${keyOf(name, options.json === 'auto ignorecase')}) AS c${index}`);
  const files = objects.map(({ path }) => quoteText(literalPath(path))).join(', ');
  const compression = options.gzip ? 'gzip' : 'uncompressed';
  return `SELECT ${values.join(', ')} FROM (SELECT CASE WHEN json_type(json) = 'OBJECT' THEN json ELSE error('load:json') END AS o
    FROM read_json_objects([${files}], format = 'newline_delimited', compression = '${compression}', maximum_object_size = ${JSON_MAX_BYTES}))`;
}

/** The JSON pointer of the key that fills a column. */
function keyOf(name: string, ignoreCase: boolean): string {
  if (!ignoreCase) return quoteText(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return `'/' || replace(replace(list_filter(json_keys(o), lambda k: lower(k) = lower(${quoteText(name)}))[1], '~', '~0'), '/', '~1')`;
}

function csvSource({ columns, objects, options }: CopyJob): string {
  const files = objects.map(({ path }) => quoteText(literalPath(path))).join(', ');
  const fields = columns.map((_, index) => `c${index}: 'VARCHAR'`).join(', ');
  return `SELECT * FROM read_csv([${files}], columns = {${fields}}, auto_detect = false, header = false, skip = ${options.ignoreHeader}, strict_mode = true,
    delim = ${quoteText(options.delimiter)}, quote = '"', escape = '"', nullstr = ${quoteText(options.nullAs)}, null_padding = ${options.fillRecord},
    compression = '${options.gzip ? 'gzip' : 'none'}')`;
}

const INTEGER = "'[+-]?[0-9]+'";
const DECIMAL = "'[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)'";
const DATE = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const CLOCK = '[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?';
const BOOLEAN = "lower(VALUE) IN ('t', 'true', 'y', 'yes', '1', 'f', 'false', 'n', 'no', '0')";

/** The value of a column out of a text. A text of another form stops the load under a name that carries the column and nothing of the text. */
function converted({ type }: TableColumn, field: string, { options }: CopyJob): string {
  if (type.duckdb === 'VARCHAR') return options.emptyAsNull ? `nullif(${field}, '')` : field;
  if (type.duckdb === 'BLOB') return `error('load:${field}')`;
  if (type.duckdb === 'JSON') return `${field}::JSON`;
  const text = type.duckdb.startsWith('DECIMAL') ? cut(field, Number(/,(\d+)/.exec(type.name)?.[1])) : field;
  const fits = form(type.duckdb, options.timeAuto).replaceAll('VALUE', field);
  const refuse = `error('load:${field}')`;
  const empty = options.format === 'csv' ? ` WHEN ${field} = '' THEN NULL` : '';
  return `CASE WHEN ${field} IS NULL THEN NULL${empty} WHEN ${fits} THEN coalesce(TRY_CAST(${text} AS ${type.duckdb}), ${refuse}) ELSE ${refuse} END`;
}

/** COPY cuts further decimals off, where a cast would round. */
function cut(field: string, scale: number): string {
  return `regexp_replace(${field}, '([.][0-9]{${scale}})[0-9]+$', '\\1')`;
}

function form(duckdb: string, timeAuto: boolean): string {
  const match = (pattern: string) => `regexp_full_match(VALUE, ${pattern})`;
  const [separator, zulu] = timeAuto ? ['[ T]', 'Z|'] : [' ', ''];
  switch (duckdb) {
    case 'BOOLEAN':
      return BOOLEAN;
    case 'DATE':
      return match(`'${DATE}'`);
    case 'TIME':
      return match(`'${CLOCK}'`);
    case 'TIMESTAMP':
      return match(`'${DATE}(${separator}${CLOCK})?'`);
    case 'TIMESTAMP WITH TIME ZONE':
      return match(`'${DATE}(${separator}${CLOCK}(${zulu}[+-][0-9]{2}(:?[0-9]{2})?)?)?'`);
    case 'FLOAT':
    case 'DOUBLE':
      return 'true';
    default:
      return match(duckdb.startsWith('DECIMAL') ? DECIMAL : INTEGER);
  }
}

/** DuckDB takes the end of a cut file for the end of the data. */
async function refuseCutGzip(job: CopyJob): Promise<void> {
  for (const { url, path } of job.objects) {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    await pipeline(createReadStream(path), createGunzip(), nowhere).catch(() => {
      throw failed(job, `'${url}' is not whole gzip data`);
    });
  }
}

function loadError(error: Error, job: CopyJob): Error {
  const place = /load:(?:c(\d+)|(json))/.exec(error.message);
  if (place?.[1] !== undefined) {
    const column = job.columns[Number(place[1])]!;
    return failed(job, `column "${column.name}", ${column.type.name}: a value does not have the form or range of the type, code 1207`);
  }
  if (place?.[2] !== undefined) return failed(job, 'a line is not a JSON object, code 1216');
  if (/^Invalid Input Error|^IO Error.*(?:gzip|GZIP|decompress|compressed)/.test(error.message))
    return failed(job, 'Input line is not valid, code 1216');
  return error;
}

function failed({ table }: CopyJob, detail: string): SqlError {
  return new SqlError(`Load into table '${describeName(table)}' failed.  Check 'sys_load_error_detail' system table for details. (${detail})`);
}
