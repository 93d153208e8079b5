import { createHash } from 'node:crypto';
import { compilePattern } from './rules';
import type { Change } from './values';

const UPPER_A = 0x41;
const LOWER_A = 0x61;
const LETTERS = 26;
const CASE_BIT = 0x20;
const ASCII_END = 0x7f;

/** Makes lower case of text, by Unicode's own mapping: the same in every locale. */
export const lower: Change = changeCase(UPPER_A, (text) => text.toLowerCase());

/** Makes upper case of text. */
export const upper: Change = changeCase(LOWER_A, (text) => text.toUpperCase());

/** Most values are ASCII, and of most of these nothing has to change. */
function changeCase(firstLetter: number, change: (text: string) => string): Change {
  return (row, column) => {
    const bytes = row.bytes[column]!;
    const start = row.start[column]!;
    const end = row.end[column]!;
    let letters = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte > ASCII_END) return row.set(column, change(row.text(column)));
      if (byte - firstLetter >= 0 && byte - firstLetter < LETTERS) letters++;
    }
    if (letters === 0) return;
    const changed = Buffer.from(bytes.subarray(start, end));
    for (let at = 0; at < changed.length; at++) {
      const letter = changed[at]! - firstLetter;
      if (letter >= 0 && letter < LETTERS) changed[at]! ^= CASE_BIT;
    }
    row.point(column, changed, 0, changed.length);
  };
}

/** Replaces every match of a pattern. */
export function replace(pattern: string, replacement: string): Change {
  const expression = compilePattern(pattern, 'g');
  return (row, column) => {
    const text = row.text(column);
    const replaced = text.replace(expression, replacement);
    if (replaced !== text) row.set(column, replaced);
  };
}

/** Makes the SHA-256 of a value out of it. */
export const hash: Change = (row, column) => {
  row.set(column, createHash('sha256').update(row.bytes[column]!.subarray(row.start[column], row.end[column])).digest('hex'));
};

/** Gives a value to what is NULL. */
export function defaultTo(text: string): Change {
  const bytes = Buffer.from(text);
  return (row, column) => row.point(column, bytes, 0, bytes.length);
}
