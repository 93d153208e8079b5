import { isUtf8 } from 'node:buffer';
import type { Row } from './row';
import type { PlacedColumn } from './rules';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** `\u00xx` for one byte. */
const LONGEST_ESCAPE = 6;
const NULL = Buffer.from('null');

/** The short escape of a byte, 0 where there is none. */
const SHORT = new Uint8Array(256);
for (const [byte, letter] of [
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [12, 'f'],
  [13, 'r'],
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
] as const) {
  SHORT[byte] = letter.charCodeAt(0);
}
const HEX = Buffer.from('0123456789abcdef');

/** Writes rows as JSON objects, keys in the order of the columns, every value a string or null. */
export class RowEncoder {
  /** What stands before each value: the brace or comma, the key and the colon. */
  private readonly keys: readonly Buffer[];
  private readonly fixed: number;
  private readonly places: Int32Array;

  /** Writes these columns, each from its place in the row. */
  constructor(columns: readonly Pick<PlacedColumn, 'name' | 'place'>[]) {
    this.keys = columns.map(({ name }, index) => Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`));
    this.places = Int32Array.from(columns.map(({ place }) => place));
    this.fixed = this.keys.reduce((sum, key) => sum + key.length + NULL.length, 1);
  }

  /** At most so many bytes does the row take. */
  bound(row: Row): number {
    let bytes = this.fixed;
    for (let index = 0; index < this.places.length; index++) {
      const column = this.places[index]!;
      if (row.start[column]! >= 0) bytes += (row.end[column]! - row.start[column]!) * LONGEST_ESCAPE;
    }
    return bytes;
  }

  /** Writes the row at a place with {@link bound} bytes of room and answers where it ends. */
  encode(row: Row, out: Buffer, at: number): number {
    for (let index = 0; index < this.places.length; index++) {
      const column = this.places[index]!;
      const key = this.keys[index]!;
      // a loop is faster than a copy call for a few bytes
      for (let i = 0; i < key.length; i++) out[at++] = key[i]!;
      if (row.start[column]! < 0) {
        for (let i = 0; i < NULL.length; i++) out[at++] = NULL[i]!;
      } else {
        out[at++] = QUOTE;
        at = escapeValue(row.bytes[column]!, row.start[column]!, row.end[column]!, out, at);
        out[at++] = QUOTE;
      }
    }
    out[at++] = 0x7d;
    return at;
  }
}

/** Replaces what is no UTF-8 in a row, so that it can be written as JSON at all. */
export function replaceInvalid(row: Row): void {
  for (let column = 0; column < row.width; column++) {
    if (!row.isNull(column) && !isUtf8(row.bytes[column]!.subarray(row.start[column], row.end[column]))) row.set(column, row.text(column));
  }
}

function escapeValue(from: Buffer, start: number, end: number, out: Buffer, position: number): number {
  let at = position;
  for (let i = start; i < end; i++) {
    const byte = from[i]!;
    if (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) {
      out[at++] = byte;
      continue;
    }
    out[at++] = BACKSLASH;
    const short = SHORT[byte]!;
    if (short !== 0) {
      out[at++] = short;
    } else {
      out[at++] = 0x75;
      out[at++] = 0x30;
      out[at++] = 0x30;
      out[at++] = HEX[byte >> 4]!;
      out[at++] = HEX[byte & 15]!;
    }
  }
  return at;
}
