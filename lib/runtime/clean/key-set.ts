import { HASH_WORDS, VERSION_WORDS } from './key-hash';

/**
 * Keys by their hashes, each with the row that has it and, if asked for, that row's version: 28 to 52 bytes a key, in typed arrays. A slot of the table
 * is chosen by the leading bits of the hash, which keeps the table almost in the order of the hashes, so sorting them needs no memory of its own.
 */
export class KeySet {
  private readonly hashes: Uint32Array;
  private readonly versions: Uint32Array;
  private readonly rows: Uint32Array;
  /** Place + 1 of the key whose hash is here, 0 for none. */
  private readonly slots: Uint32Array;
  private readonly shift: number;
  private count = 0;
  private free = 0;

  /** Has room for so many keys and no more. */
  constructor(
    readonly capacity: number,
    readonly versioned = false,
  ) {
    const bits = Math.max(1, Math.ceil(Math.log2(capacity * 1.25 + 1)));
    this.hashes = new Uint32Array(capacity * HASH_WORDS);
    this.versions = new Uint32Array(versioned ? capacity * VERSION_WORDS : 0);
    this.rows = new Uint32Array(capacity);
    this.slots = new Uint32Array(2 ** bits);
    this.shift = 32 - bits;
  }

  get size(): number {
    return this.count;
  }

  /** The place of a hash, -1 if it is not there yet: then {@link add} puts it there. */
  find(hash: Uint32Array): number {
    const { slots, hashes } = this;
    let slot = hash[0]! >>> this.shift;
    for (let key = slots[slot]!; key !== 0; key = slots[slot]!) {
      const at = (key - 1) * HASH_WORDS;
      if (hashes[at] === hash[0] && hashes[at + 1] === hash[1] && hashes[at + 2] === hash[2] && hashes[at + 3] === hash[3]) return key - 1;
      slot = slot + 1 === slots.length ? 0 : slot + 1;
    }
    this.free = slot;
    return -1;
  }

  /** Adds the hash that {@link find} did not find just now. */
  add(hash: Uint32Array, row: number, version?: Uint32Array): void {
    if (this.count === this.capacity) throw new RangeError(`the key set is full at ${this.capacity} keys`);
    const at = this.count * HASH_WORDS;
    for (let index = 0; index < HASH_WORDS; index++) this.hashes[at + index] = hash[index]!;
    this.replace(this.count, row, version);
    this.slots[this.free] = ++this.count;
  }

  /** Gives a key another row. */
  replace(place: number, row: number, version?: Uint32Array): void {
    this.rows[place] = row;
    if (version) this.versions.set(version, place * VERSION_WORDS);
  }

  /** Whether the version of a key is above another. */
  isNewer(place: number, version: Uint32Array): boolean {
    for (let index = 0; index < VERSION_WORDS; index++) {
      const difference = this.versions[place * VERSION_WORDS + index]! - version[index]!;
      if (difference !== 0) return difference > 0;
    }
    return false;
  }

  /** The places in the order of their hashes. The set takes no more keys after this, until it is cleared. */
  sorted(): Uint32Array {
    const { slots } = this;
    let size = 0;
    for (let slot = 0; slot < slots.length; slot++) {
      const key = slots[slot]!;
      if (key === 0) continue;
      let at = size++;
      for (; at > 0 && this.compare(key, slots[at - 1]!) < 0; at--) slots[at] = slots[at - 1]!;
      slots[at] = key;
    }
    const places = slots.subarray(0, size);
    for (let i = 0; i < size; i++) places[i]!--;
    return places;
  }

  clear(): void {
    this.slots.fill(0);
    this.count = 0;
  }

  /** A word, from 0 to 3, of the hash of a key. */
  word(place: number, index: number): number {
    return this.hashes[place * HASH_WORDS + index]!;
  }

  /** A word, from 0 to 3, of the version of a key's row. */
  versionWord(place: number, index: number): number {
    return this.versions[place * VERSION_WORDS + index]!;
  }

  row(place: number): number {
    return this.rows[place]!;
  }

  private compare(one: number, other: number): number {
    for (let index = 0; index < HASH_WORDS; index++) {
      const difference = this.word(one - 1, index) - this.word(other - 1, index);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}
