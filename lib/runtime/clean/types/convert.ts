import type { ColumnType } from '../../shared/types';
import { Row } from '../row';
import { decimal, floating, integer } from './numbers';
import { date, time, timestamp, timestamptz } from './times';

/**
 * Puts a value, which is not NULL, into the one text that its type has for it (PostgreSQL's output form), so that equal values are equal bytes.
 * False when the type has no exact place for it; nothing is ever rounded or cut.
 */
export type Convert = (row: Row, column: number) => boolean;

const SMALLINT = 2n ** 15n;
const INTEGER = 2n ** 31n;
const BIGINT = 2n ** 63n;

/** The conversion to a type. */
export function converter(type: ColumnType): Convert {
  switch (type.kind) {
    case 'varchar':
      return (row, column) => row.end[column]! - row.start[column]! <= type.length;
    case 'smallint':
      return integer(SMALLINT);
    case 'integer':
      return integer(INTEGER);
    case 'bigint':
      return integer(BIGINT);
    case 'decimal':
      return decimal(type.precision, type.scale);
    case 'real':
      return floating(Math.fround);
    case 'double precision':
      return floating((value) => value);
    case 'boolean':
      return boolean;
    case 'date':
      return date;
    case 'time':
      return time;
    case 'timestamp':
      return timestamp;
    case 'timestamptz':
      return timestamptz;
  }
}

/** A text in the form its type has for it, undefined when it does not fit. */
export function convertText(type: ColumnType, text: string): string | undefined {
  const row = new Row(1);
  row.set(0, text);
  return converter(type)(row, 0) ? row.text(0) : undefined;
}

const TRUE = 0x74;
const FALSE = 0x66;
const BOOLEANS: Readonly<Record<string, string>> = { true: 't', yes: 't', 1: 't', t: 't', false: 'f', no: 'f', 0: 'f', f: 'f' };

function boolean(row: Row, column: number): boolean {
  const start = row.start[column]!;
  const length = row.end[column]! - start;
  const first = row.bytes[column]![start]!;
  if (length === 1 && (first === TRUE || first === FALSE)) return true;
  if (length > 5) return false;
  const text = row.binary(column).toLowerCase();
  if (!Object.hasOwn(BOOLEANS, text)) return false;
  row.set(column, BOOLEANS[text]!);
  return true;
}
