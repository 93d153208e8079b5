import { KeySet } from '../../../lib/runtime/clean/key-set';

const key = (...words: number[]) => Uint32Array.from(words);
function put(set: KeySet, hash: Uint32Array): boolean {
  if (set.find(hash) >= 0) return false;
  set.add(hash, set.size);
  return true;
}
const hashOf = (set: KeySet, ordinal: number) => [0, 1, 2, 3].map((index) => set.word(ordinal, index).toString(16).padStart(8, '0')).join('');

test('a key is new once, and every word of it counts', () => {
  const set = new KeySet(10);

  expect(put(set, key(1, 2, 3, 4))).toBe(true);
  expect(put(set, key(1, 2, 3, 4))).toBe(false);
  expect([key(0, 2, 3, 4), key(1, 0, 3, 4), key(1, 2, 0, 4), key(1, 2, 3, 0)].map((other) => put(set, other))).toEqual([true, true, true, true]);
  expect(set.size).toBe(5);
});

test.each([
  ['spread', (at: number) => Math.imul(at, 0x9e3779b1) >>> 0],
  ['crowded at the top of the table', (at: number) => 0xffffff00 + (at % 7)],
  ['falling', (at: number) => 0xffffffff - at * 1000],
])('keys that are %s come out sorted, each with its ordinal', (_, first) => {
  const set = new KeySet(3000);
  for (let at = 0; at < 3000; at++) expect(put(set, key(first(at), Math.imul(at, 77777), at, 0xffffffff))).toBe(true);

  const ordinals = [...set.sorted()];

  expect([...ordinals].sort((one, other) => one - other)).toEqual(Array.from({ length: 3000 }, (_value, at) => at));
  const hashes = ordinals.map((ordinal) => hashOf(set, ordinal));
  expect(hashes).toEqual([...hashes].sort());
});

test('takes as many keys as it has room for', () => {
  const set = new KeySet(2);
  put(set, key(1, 0, 0, 0));
  put(set, key(2, 0, 0, 0));

  expect(put(set, key(2, 0, 0, 0))).toBe(false);
  expect(() => put(set, key(3, 0, 0, 0))).toThrow('the key set is full at 2 keys');
});

test('an empty set sorts to nothing', () => {
  expect([...new KeySet(0).sorted()]).toEqual([]);
});
