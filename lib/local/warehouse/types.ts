import type { Cursor } from './cursor';
import { refused, SqlError } from './errors';

/** A column type of Redshift, and what DuckDB keeps it as. */
export interface ColumnType {
  /** As the contract between the steps spells it: `varchar(20)`, `decimal(12,2)`, `timestamptz`. */
  readonly name: string;
  readonly duckdb: string;
  /** The most bytes that a value may have; DuckDB does not know this limit, so that every write is checked against it. */
  readonly bytes?: number;
}

const SIMPLE: Readonly<Record<string, readonly [name: string, duckdb: string]>> = {
  smallint: ['smallint', 'SMALLINT'],
  int2: ['smallint', 'SMALLINT'],
  integer: ['integer', 'INTEGER'],
  int: ['integer', 'INTEGER'],
  int4: ['integer', 'INTEGER'],
  bigint: ['bigint', 'BIGINT'],
  int8: ['bigint', 'BIGINT'],
  real: ['real', 'FLOAT'],
  float4: ['real', 'FLOAT'],
  float8: ['double precision', 'DOUBLE'],
  float: ['double precision', 'DOUBLE'],
  boolean: ['boolean', 'BOOLEAN'],
  bool: ['boolean', 'BOOLEAN'],
  date: ['date', 'DATE'],
  timestamptz: ['timestamptz', 'TIMESTAMP WITH TIME ZONE'],
  super: ['super', 'JSON'],
};

const TEXT_MAX = 65_535;
const VARBYTE_MAX = 16_777_216;

/** Reads a type at the cursor. Without a length VARCHAR is VARCHAR(256), DECIMAL is DECIMAL(18,0), FLOAT is DOUBLE PRECISION, as on Redshift. */
export function readType(cursor: Cursor): ColumnType {
  const word = cursor.name();
  switch (word) {
    case 'varchar':
    case 'nvarchar':
      return varchar(length(cursor, TEXT_MAX) ?? 256);
    case 'character':
      cursor.expect('varying');
      return varchar(length(cursor, TEXT_MAX) ?? 256);
    case 'text':
      return varchar(256);
    case 'varbyte':
    case 'varbinary':
      return varbyte(length(cursor, VARBYTE_MAX) ?? 64_000);
    case 'decimal':
    case 'numeric':
      return decimal(cursor);
    case 'double':
      cursor.expect('precision');
      return { name: 'double precision', duckdb: 'DOUBLE' };
    case 'timestamp':
      if (cursor.accept('with', 'time', 'zone')) return { name: 'timestamptz', duckdb: 'TIMESTAMP WITH TIME ZONE' };
      cursor.accept('without', 'time', 'zone');
      return { name: 'timestamp', duckdb: 'TIMESTAMP' };
    case 'time':
      if (cursor.accept('with', 'time', 'zone')) throw refused('type time with time zone', 'use time or timestamptz');
      cursor.accept('without', 'time', 'zone');
      return { name: 'time', duckdb: 'TIME' };
    case 'char':
    case 'nchar':
    case 'bpchar':
      throw refused(`type ${word}, which pads with blanks,`, 'use varchar(n)');
    default: {
      const simple = SIMPLE[word];
      if (!simple) throw refused(`type ${word}`, `use one of ${Object.keys(SIMPLE).join(' ')} decimal varchar varbyte timestamp time`);
      return { name: simple[0], duckdb: simple[1] };
    }
  }
}

/** The type that a stored column has, from DuckDB's type and, where that says too little, the declared name kept beside it. */
export function storedType(duckdb: string, declared: string | null): ColumnType {
  const bytes = /\((\d+)\)$/.exec(declared ?? '')?.[1];
  if (duckdb === 'VARCHAR') return varchar(Number(bytes ?? TEXT_MAX));
  if (duckdb === 'BLOB') return varbyte(Number(bytes ?? VARBYTE_MAX));
  if (duckdb === 'TIME' || duckdb === 'TIMESTAMP') return { name: duckdb.toLowerCase(), duckdb };
  if (duckdb.startsWith('DECIMAL')) return { name: duckdb.toLowerCase(), duckdb };
  if (duckdb === 'DOUBLE') return { name: 'double precision', duckdb };
  const simple = Object.values(SIMPLE).find(([, type]) => type === duckdb);
  if (!simple) throw refused(`a column of the engine's type ${duckdb}`, 'cast it to a Redshift type');
  return { name: simple[0], duckdb };
}

function varchar(bytes: number): ColumnType {
  return { name: `varchar(${bytes})`, duckdb: 'VARCHAR', bytes };
}

function varbyte(bytes: number): ColumnType {
  return { name: `varbyte(${bytes})`, duckdb: 'BLOB', bytes };
}

function length(cursor: Cursor, max: number): number | undefined {
  if (!cursor.acceptSymbol('(')) return undefined;
  const bytes = cursor.accept('max') ? max : cursor.number();
  cursor.expectSymbol(')');
  if (!Number.isInteger(bytes) || bytes < 1 || bytes > max) throw new SqlError(`length ${bytes} is not allowed; from 1 to ${max} bytes are`);
  return bytes;
}

function decimal(cursor: Cursor): ColumnType {
  let precision = 18;
  let scale = 0;
  if (cursor.acceptSymbol('(')) {
    precision = cursor.number();
    if (cursor.acceptSymbol(',')) scale = cursor.number();
    cursor.expectSymbol(')');
  }
  if (precision < 1 || precision > 38) throw new SqlError(`DECIMAL precision ${precision} must be between 1 and 38`);
  if (scale < 0 || scale > Math.min(37, precision)) throw new SqlError(`DECIMAL scale ${scale} must be between 0 and the precision ${precision}`);
  const name = `decimal(${precision},${scale})`;
  return { name, duckdb: name.toUpperCase() };
}
