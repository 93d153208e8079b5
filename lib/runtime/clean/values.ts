import type { ColumnType } from '../shared/types';
import type { Row } from './row';
import { compilePattern } from './rules';
import { convertText } from './types/convert';
import { compareNumber } from './types/numbers';

/** Changes a value that is not NULL. */
export type Change = (row: Row, column: number) => void;
/** Whether a value that is not NULL is as a rule wants it. */
export type Test = (row: Row, column: number) => boolean;

const SPACE = 0x20;
const ASCII_END = 0x7f;

/** Cuts white space off both ends: that of ASCII and, as JavaScript's trim, of Unicode. */
export function trim(row: Row, column: number): void {
  const bytes = row.bytes[column]!;
  let start = row.start[column]!;
  let end = row.end[column]!;
  while (start < end && isSpace(bytes[start]!)) start++;
  while (end > start && isSpace(bytes[end - 1]!)) end--;
  row.start[column] = start;
  row.end[column] = end;
  if (start < end && (bytes[start]! > ASCII_END || bytes[end - 1]! > ASCII_END)) trimUnicode(row, column);
}

function trimUnicode(row: Row, column: number): void {
  const text = row.text(column);
  const trimmed = text.trim();
  if (trimmed.length < text.length) row.set(column, trimmed);
}

function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= 0x09 && byte <= 0x0d);
}

/** Makes NULL of these texts. */
export function nullIf(values: readonly string[]): Change {
  const isOne = isOneOf(values);
  return (row, column) => {
    if (isOne(row, column)) row.setNull(column);
  };
}

/** Whether the value is one of these, compared as values of the type: `1.5` allows the decimal `1.50`. */
export function isAllowed(type: ColumnType, values: readonly string[]): Test {
  return isOneOf(values.map((value) => convertText(type, value)!));
}

function isOneOf(texts: readonly string[]): Test {
  const buffers = texts.map((text) => Buffer.from(text));
  const known = new Set(buffers.map((bytes) => bytes.toString('latin1')));
  const lengths = new Uint8Array(Math.max(...buffers.map((bytes) => bytes.length)) + 1);
  for (const bytes of buffers) lengths[bytes.length] = 1;
  return (row, column) => {
    // most values are of another length than any of the texts, which spares making a string of them
    if (lengths[row.end[column]! - row.start[column]!] !== 1) return false;
    return known.has(row.binary(column));
  };
}

/** Whether the pattern matches somewhere in the value. */
export function isMatch(pattern: string): Test {
  const expression = compilePattern(pattern);
  return (row, column) => expression.test(row.text(column));
}

/** Whether the value lies between the bounds, both inclusive, in the order of the type: numbers by size, text by its bytes. */
export function isInRange(type: ColumnType, min: string | undefined, max: string | undefined): Test {
  const compare = comparison(type);
  const low = min === undefined ? undefined : Buffer.from(convertText(type, min)!);
  const high = max === undefined ? undefined : Buffer.from(convertText(type, max)!);
  return (row, column) => (!low || compare(row, column, low) >= 0) && (!high || compare(row, column, high) <= 0);
}

function compareFloating(row: Row, column: number, bound: Buffer): number {
  const value = Number(row.binary(column));
  const other = Number(bound);
  // the difference of two infinities is no number; that of NaN is neither above nor below, so NaN is in no range
  return value === other ? 0 : value - other;
}

function comparison(type: ColumnType): (row: Row, column: number, bound: Buffer) => number {
  switch (type.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'decimal':
      return compareNumber;
    case 'real':
    case 'double precision':
      return compareFloating;
    default:
      // the plain form of dates and times sorts as they do
      return (row, column, bound) => row.bytes[column]!.compare(bound, 0, bound.length, row.start[column], row.end[column]);
  }
}
