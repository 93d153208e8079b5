import { describeName, type TableName } from './cursor';
import type { Connection } from './duckdb';
import { SqlError } from './errors';
import { quoteText } from './tokenizer';
import { type ColumnType, storedType } from './types';
import type { Changes } from './versions';

/** A column of a table as it was declared. */
export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly identity: boolean;
}

/** What a statement gave: rows affected (-1: it has no count), and the rows of a query. */
export interface Outcome {
  readonly rows: number;
  readonly result?: ResultSet;
}

/** Values are exact: whatever a JavaScript number cannot hold (bigint, decimal, dates) comes as text. */
export interface ResultSet {
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: string }>;
  readonly rows: ReadonlyArray<readonly Value[]>;
}

export type Value = string | number | boolean | null;

// NULL order, integer division and time zone as on Redshift.
const SETTINGS = [
  "SET search_path = 'public'",
  "SET TimeZone = 'UTC'",
  'SET integer_division = true',
  "SET default_null_order = 'nulls_last_on_asc_first_on_desc'",
];

/** One session of the warehouse: its temporary tables live and die with it. */
export class Session {
  /** Rows that the last COPY of this session loaded, which `pg_last_copy_count()` tells. */
  lastCopyCount = 0;
  /** DuckDB keeps no declared lengths for temporary tables, so that the session does. */
  private readonly temporary = new Map<string, readonly TableColumn[]>();

  private constructor(
    private readonly connection: Connection,
    /** Whether the statement is part of a batch, where some statements are not allowed. */
    readonly inBatch: boolean,
    private readonly changes: Changes,
  ) {}

  static async open(connection: Connection, inBatch: boolean, changes: Changes): Promise<Session> {
    for (const setting of SETTINGS) await connection.run(setting);
    return new Session(connection, inBatch, changes);
  }

  /** Runs a statement of DuckDB and tells how many rows it changed. */
  async run(sql: string): Promise<number> {
    return (await this.connection.run(sql)).rowsChanged;
  }

  /** Runs a statement that changes or deletes rows of the table, unless another transaction has changed it meanwhile. */
  async change(table: TableName, sql: string): Promise<number> {
    if (!this.isTemporary(table)) this.changes.claim(table);
    return this.add(table, sql);
  }

  /** Runs a statement that adds rows to the table. */
  async add(table: TableName, sql: string): Promise<number> {
    const rows = await this.run(sql);
    if (!this.isTemporary(table)) this.changes.wrote(table, rows);
    return rows;
  }

  async read(sql: string): Promise<ResultSet> {
    const reader = await this.connection.runAndReadAll(sql);
    const names = reader.columnNames();
    const types = reader.columnTypes().map(String);
    return { columns: names.map((name, index) => ({ name, type: types[index] ?? '' })), rows: reader.getRowsJson() as Value[][] };
  }

  declareTemporary(name: string, columns: readonly TableColumn[]): void {
    this.temporary.set(name, columns);
  }

  forgetTemporary(name: string): boolean {
    return this.temporary.delete(name);
  }

  isTemporary(table: TableName): boolean {
    return table.schema === undefined && this.temporary.has(table.name);
  }

  async findColumns(table: TableName): Promise<readonly TableColumn[] | undefined> {
    const temporary = table.schema === undefined ? this.temporary.get(table.name) : undefined;
    if (temporary) return temporary;
    const { rows } = await this.read(
      `SELECT column_name, data_type, comment, is_nullable, coalesce(column_default, '') FROM duckdb_columns() WHERE NOT internal AND database_name = current_database()
       AND schema_name = ${quoteText(table.schema ?? 'public')} AND table_name = ${quoteText(table.name)} ORDER BY column_index`,
    );
    if (rows.length === 0) return undefined;
    return rows.map(([name, type, declared, nullable, fallback]) => ({
      name: String(name),
      type: storedType(String(type), declared === null || declared === undefined ? null : String(declared)),
      nullable: nullable === true,
      identity: String(fallback).startsWith('nextval('),
    }));
  }

  /** The columns of a table that must exist. */
  async columns(table: TableName): Promise<readonly TableColumn[]> {
    const columns = await this.findColumns(table);
    if (!columns) throw new SqlError(`relation "${describeName(table)}" does not exist`);
    return columns;
  }
}
