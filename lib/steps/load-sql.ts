import { concat, jsonata, literal } from '../private/jsonata';
import { requireColumns } from '../private/require-columns';
import { sql } from '../private/sql';
import { quoteIdentifier, quoteTableName, type TableName } from '../runtime/shared/identifier';
import type { LoadMode } from './load-mode';
import { createDeletedKeys, tombstoneStatements, tombstoneVariables } from './tombstones';

interface LoadSqlProps {
  readonly table: TableName;
  readonly mode: LoadMode;
  readonly createTable: boolean;
  /** What follows IAM_ROLE. */
  readonly copyRole: string;
}

/** The statements of a load, each a JSONata string that the machine fills in, and where among them the COPY stands. */
export interface LoadSql {
  readonly statements: string[];
  readonly copyIndex: number;
}

// Names that no table to load is likely to have: a temporary table hides a table of the same name.
const STAGED = '"_staged_rows"';
const NEWEST = '"_newest_rows"';
const REMOVED = '"_removed_rows"';

const QUOTED = `'"' & $replace($c.name, '"', '""') & '"'`;

const each = (item: string) => `$join($map($dataset.columns, function($c) { ${item} }), ', ')`;

/** JSONata of the quoted column names of the dataset, and of the columns with their types. */
export function columnArguments(): { columns: string; definition: string } {
  return { columns: each(QUOTED), definition: each(`${QUOTED} & ' ' & $c.type & ($c.nullable ? '' : ' NOT NULL')`) };
}

/**
 * What each try of a load works out from the dataset, and its statements find in `$states.input`: the quoted column names, one by one and as a list; the
 * columns with their types in the table, and as they are staged and taken from there, because COPY reads no TIME from Parquet; and the column that says
 * which version of a row is newer, which is the one the extraction was incremental by.
 */
export function loadArguments({ name, key, tombstone }: LoadMode): Record<string, string> {
  const { columns, definition } = columnArguments();
  return {
    names: jsonata(refusePartial(name, requireColumns({ what: 'key column', names: key }, `[$map($dataset.columns, function($c) { ${QUOTED} })]`))),
    columns: jsonata(columns),
    definition: jsonata(definition),
    staged: jsonata(each(`${QUOTED} & ' ' & ($c.type = 'time' ? 'varchar(18)' : $c.type) & ($c.nullable ? '' : ' NOT NULL')`)),
    selected: jsonata(each(`$c.type = 'time' ? 'CAST(' & ${QUOTED} & ' AS time) AS ' & ${QUOTED} : ${QUOTED}`)),
    version: jsonata(`$exists($dataset.window) ? '"' & $replace($dataset.window.column, '"', '""') & '"' : ''`),
    ...(tombstone === undefined ? {} : tombstoneVariables(key, tombstone)),
  };
}

/** Append and replace first delete what the dataset stands for. Of some rows only, such as those once rejected, that would be too much. */
function refusePartial(mode: string, value: string): string {
  if (mode === 'upsert') return value;
  const message = `these are but some rows of the dataset, and ${mode} would delete the others; load them by LoadMode.upsert, or run the whole window again`;
  return `($exists($dataset.partial) ? $error(${literal(message)}) : ${value})`;
}

/**
 * One transaction: stage, count, then change the table. `DELETE` and not `TRUNCATE`, which would commit. Staged rows are counted against the
 * manifest before the table is touched, and a wrong count makes a cast that aborts the transaction with a message that says so.
 *
 * @see https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
 */
export function loadSql(props: LoadSqlProps): LoadSql {
  const table = quoteTableName(props.table);
  const statements = [
    ...(props.createTable ? createStatements(props, table) : []),
    sql(`CREATE TEMP TABLE ${STAGED} (`, '$states.input.staged', ')'),
    copyStatement(STAGED, props.copyRole),
    countStatement(STAGED),
    ...changeStatements(table, props),
  ];
  return { statements, copyIndex: statements.findIndex((statement) => statement.includes('COPY ')) };
}

function createStatements({ table: name, mode }: LoadSqlProps, table: string): string[] {
  const schema = name.schema === undefined ? [] : [`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(name.schema)}`];
  const deletedKeys = mode.tombstone === undefined ? [] : [createDeletedKeys(name)];
  return [...schema, sql(`CREATE TABLE IF NOT EXISTS ${table} (`, '$states.input.definition', ')'), ...deletedKeys];
}

/** Reads the files of the dataset into a table, with the role that follows IAM_ROLE. */
export function copyStatement(staged: string, role: string): string {
  const format = "($dataset.format = 'parquet' ? 'PARQUET' : \"JSON 'auto ignorecase' GZIP TIMEFORMAT 'auto'\")";
  return sql(`COPY ${staged} (`, '$states.input.columns', `) FROM '`, '$dataset.manifest', `' IAM_ROLE ${role} FORMAT AS `, format, ' MANIFEST');
}

/** Fails the transaction if the table has another number of rows than the manifest says. */
export function countStatement(staged: string): string {
  return sql(
    'SELECT CASE WHEN COUNT(*) = ',
    '$string($dataset.recordCount)',
    " THEN 1 ELSE CAST('count check failed: staged ' || COUNT(*) || ' rows, the manifest says ",
    '$string($dataset.recordCount)',
    `' AS INTEGER) END FROM ${staged}`,
  );
}

function changeStatements(table: string, { mode, table: target }: LoadSqlProps): string[] {
  switch (mode.name) {
    case 'append':
      return [deleteWindow(table), insertFrom(table, STAGED)];
    case 'replace':
      return [`DELETE FROM ${table}`, insertFrom(table, STAGED)];
    default:
      return upsertStatements(target, mode);
  }
}

function insertFrom(table: string, source: string): string {
  return sql(`INSERT INTO ${table} (`, '$states.input.columns', ') SELECT ', '$states.input.selected', ` FROM ${source}`);
}

/** A first run has no lower bound; one with an overlap begins before its window. */
function deleteWindow(table: string): string {
  const value = (bound: string) => `"'" & $replace(${bound}, "'", "''") & "'"`;
  const low = '($exists($dataset.window.from) ? $dataset.window.from : $dataset.window.low)';
  const from = `($dataset.window.low = null ? '' : ' AND ' & $states.input.version & ' >= ' & ${value(low)})`;
  return sql(`DELETE FROM ${table} WHERE `, '$states.input.version', ' < ', concat(value('$dataset.window.high'), from));
}

function upsertStatements(target: TableName, { key: names, tombstone }: LoadMode): string[] {
  const [table, name, key] = [quoteTableName(target), quoteIdentifier(target.name), names.map(quoteIdentifier)];
  const keyList = key.join(', ');
  const missing = key.map((column) => `${column} IS NULL`).join(' OR ');
  const same = (left: string, right: string) => key.map((column) => `${left}.${column} = ${right}.${column}`).join(' AND ');
  const eachName = (body: string) => `$join($map($states.input.names, function($c) { ${body} }), ', ')`;
  const stale = `($states.input.version = '' ? 'FALSE' : ${concat(literal(`${name}.`), '$states.input.version', literal(` > ${STAGED}.`), '$states.input.version')})`;
  const newestFirst = "($states.input.version = '' ? '1' : $states.input.version & ' DESC')";
  const deletedFirst = tombstone === undefined ? [') = 1'] : [', CASE WHEN ', '$states.input.tombstone', ' THEN 0 ELSE 1 END) = 1'];
  const deletion = tombstone === undefined ? undefined : tombstoneStatements({ target, staged: STAGED, newest: NEWEST, removed: REMOVED }, same);
  return [
    `SELECT CASE WHEN COUNT(*) = 0 THEN 1 ELSE CAST('key check failed: ' || COUNT(*) || ' rows have no value in the key' AS INTEGER) END FROM ${STAGED} WHERE ${missing}`,
    // An old run that is replayed must not bring stale rows back.
    sql(`DELETE FROM ${STAGED} USING ${table} WHERE ${same(STAGED, name)} AND `, stale),
    ...(deletion ? [deletion.dropRevived] : []),
    sql(
      `CREATE TEMP TABLE ${NEWEST} AS SELECT `,
      '$states.input.selected',
      ` FROM ${STAGED} AS s QUALIFY ROW_NUMBER() OVER (PARTITION BY ${keyList} ORDER BY `,
      newestFirst,
      ...deletedFirst,
    ),
    ...(deletion?.remove ?? []),
    sql(
      `MERGE INTO ${table} USING ${NEWEST} ON ${same(name, NEWEST)} WHEN MATCHED THEN UPDATE SET `,
      eachName(`$c & ' = ${NEWEST}.' & $c`),
      ' WHEN NOT MATCHED THEN INSERT (',
      '$states.input.columns',
      ') VALUES (',
      eachName(`'${NEWEST}.' & $c`),
      ')',
    ),
  ];
}
