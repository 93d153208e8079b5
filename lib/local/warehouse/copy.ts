import { copyParquet } from './copy-parquet';
import { copyText } from './copy-text';
import { type Cursor, describeName, type TableName } from './cursor';
import { refused, SqlError } from './errors';
import { findObjects, type S3Object } from './manifest';
import type { Outcome, Session, TableColumn } from './session';

/** How the objects of a COPY are written, and how texts become values. */
export interface CopyOptions {
  format: 'parquet' | 'json' | 'csv' | undefined;
  json: 'auto' | 'auto ignorecase';
  hasRole: boolean;
  manifest: boolean;
  gzip: boolean;
  fillRecord: boolean;
  /** Loads identity columns from the files. */
  explicitIds: boolean;
  /** ISO 8601 times with `T` and `Z` are read too. */
  timeAuto: boolean;
  delimiter: string;
  nullAs: string;
  ignoreHeader: number;
  emptyAsNull: boolean;
  /** The options as written, for the formats that do not take all. */
  named: string[];
}

/** What a COPY loads: objects into columns of a table. */
export interface CopyJob {
  readonly table: TableName;
  readonly columns: readonly TableColumn[];
  readonly objects: readonly S3Object[];
  readonly options: CopyOptions;
}

/** Runs COPY t [(columns)] FROM 's3://...' with the options that Redshift takes for the format. */
export async function copy(cursor: Cursor, session: Session, resolveS3: (url: string) => string): Promise<Outcome> {
  const table = cursor.tableName();
  const all = await session.columns(table);
  const named = cursor.peek()?.text === '(' ? cursor.names() : undefined;
  cursor.expect('from');
  const url = cursor.text();
  if (!url.startsWith('s3://')) throw refused('COPY from anything but S3', "give 's3://bucket/key'");
  const options = readOptions(cursor);
  if (!options.hasRole) throw new SqlError("COPY needs authorization: add IAM_ROLE default or IAM_ROLE 'arn'");
  if (options.format === undefined) throw refused('COPY of delimited text without CSV', 'add FORMAT AS PARQUET, JSON or CSV');
  const columns = named ? pick(all, named, table) : all.filter((column) => !column.identity || options.explicitIds);
  const parquet = options.format === 'parquet';
  const objects = await findObjects(url, { manifest: options.manifest, parquet, resolveS3 });
  const job: CopyJob = { table, columns, objects, options };
  const rows = parquet ? await copyParquet(job, session) : await copyText(job, session);
  session.lastCopyCount = rows;
  return { rows };
}

function pick(all: readonly TableColumn[], names: readonly string[], table: TableName): TableColumn[] {
  if (new Set(names).size < names.length) throw new SqlError('a column is named twice in the column list of COPY');
  return names.map((name) => {
    const column = all.find((candidate) => candidate.name === name);
    if (!column) throw new SqlError(`column "${name}" of relation "${describeName(table)}" does not exist`);
    return column;
  });
}

type Reader = (cursor: Cursor, options: CopyOptions) => void;

const onOff: Reader = (cursor) => void (cursor.accept('on') || cursor.accept('off') || cursor.accept('true') || cursor.accept('false'));
const formatIs =
  (format: 'parquet' | 'csv'): Reader =>
  (_, options) => {
    options.format = format;
  };
const readJson: Reader = (cursor, options) => {
  cursor.accept('as');
  const how = cursor.peek()?.kind === 'string' ? cursor.text() : 'auto';
  if (how !== 'auto' && how !== 'auto ignorecase') throw refused(`JSON '${how}'`, "use JSON 'auto' or 'auto ignorecase'");
  options.format = 'json';
  options.json = how;
};
const auto: Reader = (cursor, options) => {
  cursor.accept('as');
  const how = cursor.text();
  if (how !== 'auto') throw refused(`a date or time format '${how}'`, "use 'auto' or none");
  options.timeAuto = true;
};

/** What Redshift's COPY takes; the rest is refused by name. */
const OPTIONS: Readonly<Record<string, Reader>> = {
  format: (cursor) => void cursor.accept('as'),
  parquet: formatIs('parquet'),
  csv: formatIs('csv'),
  json: readJson,
  iam_role: (cursor, options) => {
    options.hasRole = cursor.accept('default') || cursor.text() !== '';
  },
  manifest: (_, options) => {
    options.manifest = true;
  },
  gzip: (_, options) => {
    options.gzip = true;
  },
  fillrecord: (_, options) => {
    options.fillRecord = true;
  },
  explicit_ids: (_, options) => {
    options.explicitIds = true;
  },
  emptyasnull: (_, options) => {
    options.emptyAsNull = true;
  },
  statupdate: onOff,
  compupdate: onOff,
  region: (cursor) => {
    cursor.accept('as');
    cursor.text();
  },
  acceptinvchars: (cursor) => {
    if (cursor.accept('as') || cursor.peek()?.kind === 'string') cursor.text();
  },
  timeformat: auto,
  dateformat: auto,
  delimiter: (cursor, options) => {
    cursor.accept('as');
    options.delimiter = cursor.text();
  },
  null: (cursor, options) => {
    cursor.accept('as');
    options.nullAs = cursor.text();
  },
  ignoreheader: (cursor, options) => {
    cursor.accept('as');
    options.ignoreHeader = cursor.number();
  },
};

/** Options that do not change how a file is found or what format it has. */
const WITHOUT_MEANING_FOR_FORMAT = new Set(['format', 'parquet', 'json', 'csv']);
const PARQUET_OPTIONS = new Set(['iam_role', 'statupdate', 'manifest', 'fillrecord', 'acceptinvchars', 'explicit_ids']);

function readOptions(cursor: Cursor): CopyOptions {
  const options: CopyOptions = {
    format: undefined,
    json: 'auto',
    hasRole: false,
    manifest: false,
    gzip: false,
    fillRecord: false,
    explicitIds: false,
    timeAuto: false,
    delimiter: ',',
    nullAs: '\\N',
    ignoreHeader: 0,
    emptyAsNull: false,
    named: [],
  };
  while (!cursor.done) {
    const name = cursor.name();
    const read = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (!read) throw refused(`COPY option ${name.toUpperCase()}`, `use ${Object.keys(OPTIONS).join(' ').toUpperCase()}`);
    if (!WITHOUT_MEANING_FOR_FORMAT.has(name)) options.named.push(name);
    read(cursor, options);
  }
  const wrong = options.format === 'parquet' ? options.named.find((name) => !PARQUET_OPTIONS.has(name)) : undefined;
  if (wrong) throw new SqlError(`${wrong.toUpperCase()} argument is not supported for PARQUET based COPY`);
  return options;
}
