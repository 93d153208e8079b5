import { isUtf8 } from 'node:buffer';
import { PermanentError } from '../shared/errors';
import type { Row } from './row';
import type { RowReader } from './row-reader';

const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const LETTER_N = 0x4e;

/** What follows the backslash, and the byte it stands for: all that `COPY ... TO` writes. */
const ESCAPES = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '\\': BACKSLASH })) ESCAPES[letter.charCodeAt(0)] = byte;

/** Reads PostgreSQL's `COPY ... TO` text format: fields end at a tab, rows at a newline, both escaped inside values; `\N` is NULL. */
export class CopyTextReader implements RowReader {
  private block: Buffer = Buffer.alloc(0);
  private line = 0;
  private at = 0;
  private suspicious = false;

  open(block: Buffer): void {
    this.block = block;
    this.at = 0;
    this.suspicious = !isUtf8(block) || block.includes(0);
  }

  next(row: Row): boolean {
    if (this.at === this.block.length) return false;
    this.line = this.at;
    this.at = this.read(row);
    return true;
  }

  again(row: Row): void {
    this.at = this.line;
    this.next(row);
  }

  fault(row: Row): number {
    return this.suspicious ? findFault(row) : -1;
  }

  private read(row: Row): number {
    const { block } = this;
    let start = this.at;
    let column = 0;
    let escaped = false;
    for (let at = start; ; at++) {
      const byte = block[at]!;
      if (byte > BACKSLASH) continue;
      if (byte === BACKSLASH) {
        escaped = true;
      } else if (byte === TAB || byte === NEWLINE) {
        if (column === row.width) throw new PermanentError('CorruptInput', `a row has more than its ${row.width} columns`);
        row.point(column, block, start, at);
        if (escaped) unescapeValue(row, column, at);
        column++;
        escaped = false;
        start = at + 1;
        if (byte === NEWLINE) {
          if (column < row.width) {
            throw new PermanentError('CorruptInput', `a row has ${column} of its ${row.width} columns`);
          }
          return start;
        }
      }
    }
  }
}

function unescapeValue(row: Row, column: number, end: number): void {
  const source = row.bytes[column]!;
  let from = row.start[column]!;
  if (end - from === 2 && source[from + 1] === LETTER_N) {
    row.setNull(column);
    return;
  }
  const bytes = Buffer.allocUnsafe(end - from);
  let to = 0;
  while (from < end) {
    let byte = source[from++]!;
    if (byte === BACKSLASH) {
      byte = from < end ? ESCAPES[source[from++]!]! : 0;
      if (byte === 0) throw new PermanentError('CorruptInput', 'a value holds an escape that COPY never writes');
    }
    bytes[to++] = byte;
  }
  row.point(column, bytes, 0, to);
}

function findFault(row: Row): number {
  for (let column = 0; column < row.width; column++) {
    if (row.isNull(column)) continue;
    const value = row.bytes[column]!.subarray(row.start[column], row.end[column]);
    if (!isUtf8(value) || value.includes(0)) return column;
  }
  return -1;
}
