import { Readable } from 'node:stream';
import { readRange } from '../shared/read';
import { uploadStream } from '../shared/s3';
import { HASH_BYTES } from './key-hash';
import type { KeySet } from './key-set';

/** A record of a keys object: the hash, big-endian so that bytes sort as it does, and the row's place in its cleaned part, from 0. */
const RECORD_BYTES = HASH_BYTES + 4;
const BLOCK_RECORDS = 8192;

/** Writes the keys of a part, sorted by hash. */
export async function writeKeys(url: string, keys: KeySet): Promise<void> {
  await uploadStream(url, Readable.from(blocks(keys)), 'application/octet-stream');
}

function* blocks(keys: KeySet): Generator<Buffer> {
  const ordinals = keys.sorted();
  for (let from = 0; from < ordinals.length; from += BLOCK_RECORDS) {
    const some = ordinals.subarray(from, from + BLOCK_RECORDS);
    const block = Buffer.allocUnsafe(some.length * RECORD_BYTES);
    let at = 0;
    for (const ordinal of some) {
      for (let index = 0; index < HASH_BYTES / 4; index++) at = block.writeUInt32BE(keys.word(ordinal, index), at);
      at = block.writeUInt32BE(ordinal, at);
    }
    yield block;
  }
}

/** Walks through the keys object of a part in order, a block at a time, the next already on its way. */
export class KeysCursor {
  private block: Buffer = Buffer.alloc(0);
  private at = 0;
  private fetched = 0;
  private upcoming: Promise<Buffer> | undefined;

  /** `part` is the place of the part in the dataset, `records` how many keys the object must have. */
  constructor(
    readonly part: number,
    private readonly url: string,
    private readonly records: number,
    private readonly blockRecords: number,
  ) {}

  /** Steps to the first key, or to the first of the next block; false at the end. */
  async refill(): Promise<boolean> {
    this.upcoming ??= this.fetch();
    if (!this.upcoming) return false;
    this.block = await this.upcoming;
    this.at = 0;
    this.upcoming = this.fetch();
    return true;
  }

  /** Steps to the next key of the block; false when the block is used up. */
  next(): boolean {
    this.at += RECORD_BYTES;
    return this.at < this.block.length;
  }

  word(index: number): number {
    return this.block.readUInt32BE(this.at + index * 4);
  }

  get ordinal(): number {
    return this.block.readUInt32BE(this.at + HASH_BYTES);
  }

  private fetch(): Promise<Buffer> | undefined {
    if (this.fetched === this.records) return undefined;
    const from = this.fetched;
    this.fetched = Math.min(this.records, from + this.blockRecords);
    const bytes = readRange(this.url, from * RECORD_BYTES, this.fetched * RECORD_BYTES);
    // the failure is seen when the block is due, which may be after another's
    bytes.catch(() => undefined);
    return bytes;
  }
}

/** Below 0 when the key of `one` comes first: by hash, and of one hash the earlier part. */
export function compareCursors(one: KeysCursor, other: KeysCursor): number {
  for (let index = 0; index < HASH_BYTES / 4; index++) {
    const difference = one.word(index) - other.word(index);
    if (difference !== 0) return difference;
  }
  return one.part - other.part;
}

/** How many records of each of so many objects fit into memory of this size, a block and the next for each. */
export function blockRecordsFor(objects: number, memoryBytes: number): number {
  return Math.max(1, Math.floor(memoryBytes / (objects * 2 * RECORD_BYTES)));
}
