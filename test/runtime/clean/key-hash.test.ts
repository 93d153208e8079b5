import { KeyHasher, murmur128 } from '../../../lib/runtime/clean/key-hash';
import { Row } from '../../../lib/runtime/clean/row';

function hash(text: string): string {
  const out = new Uint32Array(4);
  const bytes = Buffer.from(text);
  murmur128(bytes, bytes.length, out);
  return [...out].map((word) => word.toString(16).padStart(8, '0')).join('');
}

function keyHash(...values: string[]): string {
  const row = new Row(values.length);
  values.forEach((value, column) => {
    row.set(column, value);
  });
  const hasher = new KeyHasher(values.map((_, column) => column));
  hasher.update(row);
  return hasher.hash.join();
}

test.each([
  ['', '00000000000000000000000000000000'],
  ['The quick brown fox jumps over the lazy dog', '2f1583c3ecee2c675d7bf66ce5e91d2c'],
])('the hash of %j is that of MurmurHash3_x86_128', (text, expected) => {
  expect(hash(text)).toBe(expected);
});

test('every byte of a key counts, at every length', () => {
  const seen = new Set<string>();
  let keys = 0;
  for (let length = 0; length < 40; length++) {
    for (let at = 0; at < length; at++) {
      seen.add(hash(`${'a'.repeat(at)}b${'a'.repeat(length - at - 1)}`));
      keys++;
    }
  }
  expect(seen.size).toBe(keys);
});

test('what belongs to which column counts', () => {
  const keys = [keyHash('a', 'bc'), keyHash('ab', 'c'), keyHash('abc', ''), keyHash('', 'abc'), keyHash('abc'), keyHash('bc', 'a')];
  expect(new Set(keys).size).toBe(keys.length);
});

test('a key longer than the room for it is hashed whole', () => {
  expect(keyHash('x'.repeat(70_000))).not.toBe(keyHash(`${'x'.repeat(69_999)}y`));
  expect(keyHash('x'.repeat(70_000))).toBe(keyHash('x'.repeat(70_000)));
});
