import type { Row } from './row';

/** Words of a key's hash, 128 bits: at ten billion rows the odds of any two keys sharing one are below 1 in 10^18. */
export const HASH_WORDS = 4;
/** Of a version, which is a whole number below 2^128 here. */
export const VERSION_WORDS = 4;

const LENGTH_BYTES = 4;

/** Hashes the key of a row: its values with their lengths before them, so that 'a', 'bc' and 'ab', 'c' differ. */
export class KeyHasher {
  readonly hash = new Uint32Array(HASH_WORDS);
  private encoded = Buffer.alloc(256);

  constructor(private readonly columns: readonly number[]) {}

  /** Leaves the hash of the row's key, in which nothing is NULL, in `hash`. */
  update(row: Row): void {
    let length = 0;
    for (const column of this.columns) length += LENGTH_BYTES + row.end[column]! - row.start[column]!;
    if (this.encoded.length < length) this.encoded = Buffer.alloc(length * 2);
    let at = 0;
    for (const column of this.columns) {
      const end = row.end[column]!;
      const start = row.start[column]!;
      at = this.encoded.writeUInt32LE(end - start, at);
      const bytes = row.bytes[column]!;
      for (let i = start; i < end; i++) this.encoded[at++] = bytes[i]!;
    }
    murmur128(this.encoded, length, this.hash);
  }
}

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/** MurmurHash3_x86_128 with seed 0: in JavaScript several times faster than any hash of node:crypto for keys as short as these. */
export function murmur128(data: Buffer, length: number, out: Uint32Array): void {
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  const blocks = length - (length % 16);
  for (let at = 0; at < blocks; at += 16) {
    h1 ^= mix(word(data, at), C1, 15, C2);
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= mix(word(data, at + 4), C2, 16, C3);
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= mix(word(data, at + 8), C3, 17, C4);
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= mix(word(data, at + 12), C4, 18, C1);
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  h4 ^= mix(tail(data, blocks + 12, length), C4, 18, C1);
  h3 ^= mix(tail(data, blocks + 8, length), C3, 17, C4);
  h2 ^= mix(tail(data, blocks + 4, length), C2, 16, C3);
  h1 ^= mix(tail(data, blocks, length), C1, 15, C2);

  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = finalMix(h1);
  h2 = finalMix(h2);
  h3 = finalMix(h3);
  h4 = finalMix(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  out[0] = h1;
  out[1] = h2 + h1;
  out[2] = h3 + h1;
  out[3] = h4 + h1;
}

function mix(k: number, first: number, bits: number, second: number): number {
  return Math.imul(rotate(Math.imul(k, first), bits), second);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(data: Buffer, at: number): number {
  return data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
}

/** The up to four bytes of a word of the last, unfinished block. */
function tail(data: Buffer, at: number, length: number): number {
  let value = 0;
  for (let i = Math.min(at + 4, length) - 1; i >= at; i--) value = (value << 8) | data[i]!;
  return value;
}

function finalMix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
