import { createHash } from 'node:crypto';
import jsonata from 'jsonata';

/** Where the impure functions take time and chance from. */
export interface Sources {
  readonly now: () => number;
  readonly random: () => number;
}

const ALGORITHMS: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };

/** JSONata's own $fromMillis does the formatting of $now. */
const FORMAT_TIME = jsonata('$fromMillis($ms, $picture, $timezone)');

/**
 * What the service adds to JSONata and takes away from it, as variables of an expression. Undefined arguments give
 * undefined, as with JSONata's own functions.
 */
export function dialect({ now, random }: Sources): Record<string, unknown> {
  return {
    eval: undefined,
    now: (picture?: string, timezone?: string) => FORMAT_TIME.evaluate(undefined, { ms: now(), picture, timezone }),
    millis: () => now(),
    partition,
    range,
    hash,
    random: (seed?: unknown) => (seed === undefined ? random() : seeded(seed)),
    uuid: () => uuid(random),
    parse: (text?: string) => (text === undefined ? undefined : JSON.parse(text)),
  };
}

function partition(array?: unknown, size?: number): unknown {
  if (array === undefined || size === undefined) return undefined;
  if (!Number.isInteger(size) || size < 1) throw new Error(`$partition: the chunk size is ${size}, but must be a positive integer`);
  const items = Array.isArray(array) ? array : [array];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** Like every sequence of JSONata, a range of one number is that number. */
function range(first?: number, last?: number, step?: number): unknown {
  if (first === undefined || last === undefined || step === undefined) return undefined;
  if (step === 0) throw new Error('$range: the step is 0, but must not be');
  const length = Math.max(Math.floor((last - first) / step) + 1, 0);
  const numbers = Array.from({ length }, (_, index) => first + index * step);
  return numbers.length === 1 ? numbers[0] : numbers;
}

function hash(text?: string, algorithm?: string): string | undefined {
  if (text === undefined || algorithm === undefined) return undefined;
  const name = ALGORITHMS[algorithm];
  if (name === undefined) throw new Error(`$hash: the algorithm is ${algorithm}, but must be one of ${Object.keys(ALGORITHMS).join(', ')}`);
  return createHash(name).update(text).digest('hex');
}

/** The same number for the same seed; which number the service gives is not documented. */
function seeded(seed: unknown): number {
  if (typeof seed !== 'number') throw new Error(`$random: the seed is a ${typeof seed}, but must be a number`);
  return createHash('sha256').update(String(seed)).digest().readUInt32BE(0) / 2 ** 32;
}

/** A version 4 UUID. */
export function uuid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  hex[12] = '4';
  hex[16] = '89ab'[Math.floor(random() * 4)]!;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].map((part) => part.join('')).join('-');
}
