import { Readable } from 'node:stream';
import { readRange } from '../shared/read';
import { uploadStream } from '../shared/s3';
import { HASH_BYTES } from './key-hash';
import type { KeySet } from './key-set';

/** A record of a keys object: the hash, big-endian so that bytes sort as it does, and the row's place in its cleaned part, from 0. */
const RECORD_BYTES = HASH_BYTES + 4;
const BLOCK_RECORDS = 8192;
/** Larger requests to S3 are not faster. */
const LARGEST_BLOCK_BYTES = 1024 * 1024;

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
  /** The hash of the key. */
  readonly hash = new Uint32Array(HASH_BYTES / 4);
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
    this.read();
    return true;
  }

  /** Steps to the next key of the block; false when the block is used up. */
  next(): boolean {
    this.at += RECORD_BYTES;
    if (this.at === this.block.length) return false;
    this.read();
    return true;
  }

  get ordinal(): number {
    return this.block.readUInt32BE(this.at + HASH_BYTES);
  }

  private read(): void {
    for (let index = 0; index < this.hash.length; index++) this.hash[index] = this.block.readUInt32BE(this.at + index * 4);
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
  for (let index = 0; index < one.hash.length; index++) {
    const difference = one.hash[index]! - other.hash[index]!;
    if (difference !== 0) return difference;
  }
  return one.part - other.part;
}

/** How many records of each of so many objects to read at a time, so that a block and the next of each fit into memory of this size. */
export function blockRecordsFor(objects: number, memoryBytes: number): number {
  const bytes = Math.min(memoryBytes / (objects * 2), LARGEST_BLOCK_BYTES);
  return Math.max(1, Math.floor(bytes / RECORD_BYTES));
}
