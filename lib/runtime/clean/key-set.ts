import { HASH_BYTES } from './key-hash';

const WORDS = HASH_BYTES / 4;

/**
 * The key hashes of a part's rows: 20 to 32 bytes a row, in typed arrays. A slot of the table is chosen by the leading bits of the hash, which keeps
 * the table almost in the order of the hashes, so sorting them needs no memory of its own.
 */
export class KeySet {
  private readonly hashes: Uint32Array;
  /** Ordinal + 1 of the row whose hash is here, 0 for none. */
  private readonly slots: Uint32Array;
  private readonly shift: number;
  private count = 0;

  /** Has room for so many keys and no more. */
  constructor(readonly capacity: number) {
    const bits = Math.max(1, Math.ceil(Math.log2(capacity * 1.25 + 1)));
    this.hashes = new Uint32Array(capacity * WORDS);
    this.slots = new Uint32Array(2 ** bits);
    this.shift = 32 - bits;
  }

  get size(): number {
    return this.count;
  }

  /** Adds a hash under the next ordinal, from 0; false if it is there already. */
  add(hash: Uint32Array): boolean {
    const { slots, hashes } = this;
    let slot = hash[0]! >>> this.shift;
    for (let ordinal = slots[slot]!; ordinal !== 0; ordinal = slots[slot]!) {
      const at = (ordinal - 1) * WORDS;
      if (hashes[at] === hash[0] && hashes[at + 1] === hash[1] && hashes[at + 2] === hash[2] && hashes[at + 3] === hash[3]) return false;
      slot = slot + 1 === slots.length ? 0 : slot + 1;
    }
    if (this.count === this.capacity) throw new RangeError(`the key set is full at ${this.capacity} keys`);
    const at = this.count * WORDS;
    for (let index = 0; index < WORDS; index++) hashes[at + index] = hash[index]!;
    slots[slot] = ++this.count;
    return true;
  }

  /** The ordinals in the order of their hashes. The set takes no more keys after this. */
  sorted(): Uint32Array {
    const { slots } = this;
    let size = 0;
    for (let slot = 0; slot < slots.length; slot++) {
      const ordinal = slots[slot]!;
      if (ordinal === 0) continue;
      let at = size++;
      for (; at > 0 && this.compare(ordinal, slots[at - 1]!) < 0; at--) slots[at] = slots[at - 1]!;
      slots[at] = ordinal;
    }
    const ordinals = slots.subarray(0, size);
    for (let i = 0; i < size; i++) ordinals[i]!--;
    return ordinals;
  }

  /** A word, from 0 to 3, of the hash of a row. */
  word(ordinal: number, index: number): number {
    return this.hashes[ordinal * WORDS + index]!;
  }

  private compare(one: number, other: number): number {
    for (let index = 0; index < WORDS; index++) {
      const difference = this.word(one - 1, index) - this.word(other - 1, index);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}
