import type { Row } from '../row';
import type { Convert } from './convert';

const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
/** Numbers of so many digits are either added up exactly or far from every limit. */
const SAFE_DIGITS = 18;
const LONGEST_NUMBER = 400;

/** Whole numbers from `-limit` to `limit - 1`. */
export function integer(limit: bigint): Convert {
  const max = Number(limit);
  return (row, column) => {
    const bytes = row.bytes[column]!;
    const end = row.end[column]!;
    let at = row.start[column]!;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const length = end - at;
    // other than the plain form, and the few that are longer, take the slow way
    if (length === 0 || length > SAFE_DIGITS || (bytes[at] === ZERO && (length > 1 || negative))) return slowInteger(row, column, limit);
    let value = 0;
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) return slowInteger(row, column, limit);
      value = value * 10 + digit;
    }
    return negative ? value <= max : value < max;
  };
}

function slowInteger(row: Row, column: number, limit: bigint): boolean {
  const number = split(row, column);
  if (!number || number.point || number.whole.length > 19) return false;
  const value = BigInt(number.sign + (number.whole || '0'));
  if (value < -limit || value >= limit) return false;
  row.set(column, value.toString());
  return true;
}

/** Decimals of `precision` digits, `scale` of them after the point. */
export function decimal(precision: number, scale: number): Convert {
  const whole = precision - scale;
  return (row, column) => {
    const bytes = row.bytes[column]!;
    const end = row.end[column]!;
    let at = row.start[column]!;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const point = scale === 0 ? end : end - scale - 1;
    const digits = point - at;
    const odd = bytes[at] === ZERO && (digits > 1 || negative);
    if (digits < 1 || digits > whole || odd || (scale > 0 && bytes[point] !== DOT)) return slowDecimal(row, column, whole, scale);
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if ((byte < ZERO || byte > NINE) && at !== point) return slowDecimal(row, column, whole, scale);
    }
    return true;
  };
}

function slowDecimal(row: Row, column: number, whole: number, scale: number): boolean {
  const number = split(row, column);
  if (!number || number.whole.length > whole || number.fraction.length > scale) return false;
  const zero = number.whole === '' && number.fraction === '';
  const sign = number.sign === '-' && !zero ? '-' : '';
  row.set(column, `${sign}${number.whole || '0'}${scale > 0 ? `.${number.fraction.padEnd(scale, '0')}` : ''}`);
  return true;
}

interface SplitNumber {
  readonly sign: string;
  /** Without leading zeros: empty for none. */
  readonly whole: string;
  /** Without trailing zeros: empty for none. */
  readonly fraction: string;
  readonly point: boolean;
}

function split(row: Row, column: number): SplitNumber | undefined {
  // zeros may lead or trail without number, but not so many that reading them is a way to stop the run
  if (row.end[column]! - row.start[column]! > LONGEST_NUMBER) return undefined;
  const match = /^([+-]?)(\d*)(?:(\.)(\d*))?$/.exec(row.binary(column));
  if (!match || (match[2] === '' && !match[4])) return undefined;
  return {
    sign: match[1] === '-' ? '-' : '',
    whole: match[2]!.replace(/^0+/, ''),
    fraction: (match[4] ?? '').replace(/0+$/, ''),
    point: match[3] !== undefined,
  };
}

const FLOATING = /^([+-]?)(?:(\d+)(\.\d*)?|(\.\d+))(?:[eE][+-]?\d+)?$/;

/**
 * Binary floating point, where the nearest number is as exact as it gets: the text stays as it is. Refused is what `round` makes infinite, or
 * zero though it is not.
 */
export function floating(round: (value: number) => number): Convert {
  return (row, column) => {
    if (row.end[column]! - row.start[column]! > LONGEST_NUMBER) return false;
    const text = row.binary(column);
    if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return true;
    const match = FLOATING.exec(text);
    if (!match) return false;
    const value = Number(text);
    const rounded = round(value);
    if (!Number.isFinite(rounded) || (rounded === 0 && /^[^eE]*[1-9]/.test(text))) return false;
    // '+1', '.5' and '5.' are numbers to PostgreSQL, but not to every reader that follows
    if (match[1] === '+' || match[3] === '.' || match[4] !== undefined) row.set(column, String(value));
    return true;
  };
}

/** Compares two numbers in the plain form that {@link integer} or {@link decimal} of one type gives; below 0 when the row's is the lesser. */
export function compareNumber(row: Row, column: number, bound: Buffer): number {
  const bytes = row.bytes[column]!;
  const start = row.start[column]!;
  const end = row.end[column]!;
  const negative = bytes[start] === MINUS;
  if (negative !== (bound[0] === MINUS)) return negative ? -1 : 1;
  // of one scale and without leading zeros, the longer is the greater in size
  const size = end - start - bound.length || bytes.compare(bound, 0, bound.length, start, end);
  return negative ? -size : size;
}
