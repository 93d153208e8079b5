import { Cursor, commaSeparated, describeName, quoteTable, type TableName } from './cursor';
import { refused, SqlError } from './errors';
import { translate } from './expression';
import type { Outcome, Session, TableColumn } from './session';
import { isSymbol, quoteName, quoteText, type Token } from './tokenizer';
import { readType, storedType } from './types';

const DONE: Outcome = { rows: -1 };

interface NewColumn extends TableColumn {
  readonly fallback?: string;
  readonly sequence?: { readonly start: number; readonly step: number };
}

/** Runs CREATE SCHEMA and CREATE [TEMP] TABLE. Keys, distribution, sort order and encoding are read and not enforced, as on Redshift; NOT NULL is. */
export async function create(cursor: Cursor, session: Session): Promise<Outcome> {
  if (cursor.accept('schema')) {
    const ifMissing = cursor.accept('if', 'not', 'exists');
    await session.run(`CREATE SCHEMA ${ifMissing ? 'IF NOT EXISTS ' : ''}${quoteName(cursor.name())}`);
    cursor.end();
    return DONE;
  }
  cursor.accept('local');
  const temporary = cursor.accept('temp') || cursor.accept('temporary');
  if (!cursor.accept('table')) throw refused(`CREATE ${cursor.next().text.toUpperCase()}`, 'only schemas and tables can be created');
  const ifMissing = cursor.accept('if', 'not', 'exists');
  const table = cursor.tableName();
  const isTemporary = temporary || table.name.startsWith('#');
  if (isTemporary && table.schema !== undefined) throw new SqlError('cannot create temporary relation in non-temporary schema; leave the schema out');
  if (isTemporary ? session.isTemporary(table) : await session.findColumns(table)) {
    if (ifMissing) return DONE;
    throw new SqlError(`Relation "${describeName(table)}" already exists`);
  }
  const columns = await newColumns(cursor, table, session, isTemporary);
  if (columns === 'selected') return DONE;
  await createTable(table, columns, session, isTemporary);
  return DONE;
}

/** Runs DROP TABLE and DROP SCHEMA. */
export async function drop(cursor: Cursor, session: Session): Promise<Outcome> {
  const isTable = cursor.accept('table');
  if (!isTable && !cursor.accept('schema')) throw refused(`DROP ${cursor.next().text.toUpperCase()}`, 'only schemas and tables can be dropped');
  const ifThere = cursor.accept('if', 'exists') ? 'IF EXISTS ' : '';
  const table = isTable ? cursor.tableName() : { name: cursor.name() };
  const mode = cursor.accept('cascade') ? ' CASCADE' : '';
  cursor.accept('restrict');
  cursor.end();
  await session.run(`DROP ${isTable ? 'TABLE' : 'SCHEMA'} ${ifThere}${quoteTable(table)}${mode}`);
  if (isTable) session.forgetTemporary(table.name);
  return DONE;
}

/** Runs ALTER TABLE ... ADD COLUMN; every other form is refused. */
export async function alter(cursor: Cursor, session: Session): Promise<Outcome> {
  cursor.expect('table');
  const table = cursor.tableName();
  if (cursor.accept('append')) {
    if (session.inBatch) throw new SqlError('ALTER TABLE APPEND cannot run inside a transaction block; use INSERT ... SELECT');
    throw refused('ALTER TABLE APPEND', 'use INSERT ... SELECT');
  }
  if (!cursor.accept('add')) throw refused(`ALTER TABLE ... ${cursor.next().text.toUpperCase()}`, 'only ADD COLUMN is');
  cursor.accept('column');
  const column = readColumn(cursor, session);
  cursor.end();
  if (session.isTemporary(table)) throw refused('ALTER TABLE of a temporary table', 'create it with all its columns');
  if (!column.nullable && column.fallback === undefined)
    throw new SqlError('ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression');
  if (column.sequence) throw new SqlError('ALTER TABLE ADD COLUMN cannot add an IDENTITY column');
  await session.run(`ALTER TABLE ${quoteTable(table)} ADD COLUMN ${quoteName(column.name)} ${column.type.duckdb}${defaultOf(column)}`);
  if (!column.nullable) await session.run(`ALTER TABLE ${quoteTable(table)} ALTER COLUMN ${quoteName(column.name)} SET NOT NULL`);
  await declare(table, [column], session);
  return DONE;
}

async function newColumns(cursor: Cursor, table: TableName, session: Session, temporary: boolean): Promise<readonly NewColumn[] | 'selected'> {
  if (isSymbol(cursor.peek(), '(')) {
    const parts = commaSeparated(cursor.group());
    skipTableAttributes(cursor);
    if (cursor.accept('as')) throw refused('CREATE TABLE with column names and AS', 'name the columns in the query');
    cursor.end();
    const keys = new Set(parts.flatMap(primaryKey));
    const columns = (await Promise.all(parts.map((part) => readElement(new Cursor(part), session)))).flat();
    return columns.map((column) => (keys.has(column.name) ? { ...column, nullable: false } : column));
  }
  skipTableAttributes(cursor);
  cursor.expect('as');
  await createSelected(cursor.rest(), table, session, temporary);
  return 'selected';
}

/** A primary key is not enforced, but its columns are NOT NULL. */
function primaryKey(part: readonly Token[]): string[] {
  const cursor = new Cursor(part);
  return cursor.accept('primary', 'key') ? cursor.names() : [];
}

async function readElement(cursor: Cursor, session: Session): Promise<readonly NewColumn[]> {
  if (cursor.accept('like')) {
    const like = await session.columns(cursor.tableName());
    if (cursor.accept('including', 'defaults')) throw refused('LIKE ... INCLUDING DEFAULTS', 'write the columns out');
    cursor.accept('excluding', 'defaults');
    cursor.end();
    return like.map((column) => ({ ...column, identity: false }));
  }
  if (cursor.accept('primary', 'key') || cursor.accept('unique') || cursor.accept('foreign', 'key')) {
    cursor.names();
    if (cursor.accept('references')) skipReference(cursor);
    cursor.end();
    return [];
  }
  const column = readColumn(cursor, session);
  cursor.end();
  return [column];
}

/** @see https://docs.aws.amazon.com/redshift/latest/dg/r_names.html */
const SYSTEM_COLUMNS = ['oid', 'tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];

function readColumn(cursor: Cursor, session: Session): NewColumn {
  const name = cursor.name();
  if (SYSTEM_COLUMNS.includes(name)) throw new SqlError(`column name "${name}" conflicts with a system column name`);
  const type = readType(cursor);
  let nullable = true;
  let fallback: string | undefined;
  let sequence: NewColumn['sequence'];
  while (!cursor.done) {
    if (cursor.accept('not', 'null')) nullable = false;
    else if (cursor.accept('null') || cursor.accept('unique') || cursor.accept('distkey') || cursor.accept('sortkey')) continue;
    else if (cursor.accept('primary', 'key')) nullable = false;
    else if (cursor.accept('encode')) cursor.name();
    else if (cursor.accept('references')) skipReference(cursor);
    else if (cursor.accept('default', 'null')) continue;
    else if (cursor.accept('default'))
      fallback = translate(cursor.until('not', 'null', 'encode', 'distkey', 'sortkey', 'unique', 'primary', 'references'), session);
    else if (cursor.accept('identity') || cursor.accept('generated', 'by', 'default', 'as', 'identity')) sequence = readIdentity(cursor);
    else throw cursor.unexpected('a column attribute');
  }
  return { name, type, nullable: nullable && !sequence, identity: sequence !== undefined, fallback, sequence };
}

function readIdentity(cursor: Cursor): { start: number; step: number } {
  const [start, step] = commaSeparated(cursor.group()).map((part) => new Cursor(part).number());
  return { start: start ?? 1, step: step ?? 1 };
}

function skipReference(cursor: Cursor): void {
  cursor.tableName();
  if (isSymbol(cursor.peek(), '(')) cursor.names();
}

function skipTableAttributes(cursor: Cursor): void {
  for (;;) {
    if (cursor.accept('backup') || cursor.accept('diststyle')) cursor.name();
    else if (cursor.accept('distkey')) cursor.names();
    else if (cursor.accept('encode', 'auto') || cursor.accept('sortkey', 'auto')) continue;
    else if (cursor.accept('compound', 'sortkey') || cursor.accept('interleaved', 'sortkey') || cursor.accept('sortkey')) cursor.names();
    else return;
  }
}

async function createTable(table: TableName, columns: readonly NewColumn[], session: Session, temporary: boolean): Promise<void> {
  if (columns.length === 0 || columns.length > 1600) throw new SqlError(`a table has from 1 to 1600 columns, got ${columns.length}`);
  const defaults: string[] = [];
  for (const column of columns) defaults.push(column.sequence ? await sequenceDefault(table, column, session, temporary) : defaultOf(column));
  const lines = columns.map(({ name, type, nullable }, index) => `${quoteName(name)} ${type.duckdb}${nullable ? '' : ' NOT NULL'}${defaults[index]}`);
  await session.run(`CREATE ${temporary ? 'TEMP ' : ''}TABLE ${quoteTable(table)} (${lines.join(', ')})`);
  if (temporary) session.declareTemporary(table.name, columns);
  else await declare(table, columns, session);
}

function defaultOf(column: NewColumn): string {
  return column.fallback === undefined ? '' : ` DEFAULT (${column.fallback})`;
}

async function sequenceDefault(table: TableName, column: NewColumn, session: Session, temporary: boolean): Promise<string> {
  if (temporary) throw refused('IDENTITY in a temporary table', 'number the rows with ROW_NUMBER()');
  const name = quoteTable({ schema: table.schema ?? 'public', name: `${table.name}.${column.name}` });
  await session.run(
    `CREATE OR REPLACE SEQUENCE ${name} START ${column.sequence?.start} INCREMENT ${column.sequence?.step} ${column.sequence!.step < 0 ? 'MINVALUE -9223372036854775808' : ''}`,
  );
  return ` DEFAULT nextval(${quoteText(name)})`;
}

/** DuckDB forgets declared lengths, so that they are kept as the columns' comments, in the same transaction. */
async function declare(table: TableName, columns: readonly TableColumn[], session: Session): Promise<void> {
  for (const { name, type } of columns) {
    if (type.bytes !== undefined) await session.run(`COMMENT ON COLUMN ${quoteTable(table)}.${quoteName(name)} IS ${quoteText(type.name)}`);
  }
}

async function createSelected(query: readonly Token[], table: TableName, session: Session, temporary: boolean): Promise<void> {
  const select = translate(query, session);
  const { rows } = await session.read(`DESCRIBE ${select}`);
  const columns = rows.map(([name, type]) => {
    // A sum of integers is NUMERIC(38,0) on Redshift, and wider than any column type on DuckDB.
    const duckdb = type === 'HUGEINT' ? 'DECIMAL(38,0)' : String(type);
    return { name: String(name), type: storedType(duckdb, null), nullable: true, identity: false };
  });
  await createTable(table, columns, session, temporary);
  await session.add(table, `INSERT INTO ${quoteTable(table)} ${select}`);
}
