import { PassThrough } from 'node:stream';
import { readRange } from '../shared/read';
import { uploadStream } from '../shared/s3';
import { HASH_WORDS, VERSION_WORDS } from './key-hash';
import type { KeySet } from './key-set';
import type { RowMarks } from './row-marks';

/** Of a row's place in its cleaned part, from 0. */
const ROW_BYTES = 4;
const BLOCK_RECORDS = 8192;
/** Larger requests to S3 are not faster. */
const LARGEST_BLOCK_BYTES = 1024 * 1024;

/** Bytes of a record of a keys object: the hash and the version, if any, big-endian so that bytes sort as they do, and the row. */
export function recordBytes(versioned: boolean): number {
  return (HASH_WORDS + (versioned ? VERSION_WORDS : 0)) * 4 + ROW_BYTES;
}

/** The records of a set, sorted by hash, block by block. */
export function* encodeRun(keys: KeySet): Generator<Buffer> {
  const places = keys.sorted();
  const size = recordBytes(keys.versioned);
  for (let from = 0; from < places.length; from += BLOCK_RECORDS) {
    const some = places.subarray(from, from + BLOCK_RECORDS);
    const block = Buffer.allocUnsafe(some.length * size);
    let at = 0;
    for (const place of some) {
      for (let index = 0; index < HASH_WORDS; index++) at = block.writeUInt32BE(keys.word(place, index), at);
      if (keys.versioned) for (let index = 0; index < VERSION_WORDS; index++) at = block.writeUInt32BE(keys.versionWord(place, index), at);
      at = block.writeUInt32BE(keys.row(place), at);
    }
    yield block;
  }
}

/** The places of marked rows, block by block. */
export function* encodeRows(marks: RowMarks): Generator<Buffer> {
  let block: number[] = [];
  const encoded = () => Buffer.from(Uint8Array.from(block.flatMap((row) => [row >>> 24, (row >>> 16) & 255, (row >>> 8) & 255, row & 255])));
  for (const row of marks.rows()) {
    block.push(row);
    if (block.length < BLOCK_RECORDS) continue;
    yield encoded();
    block = [];
  }
  if (block.length > 0) yield encoded();
}

/** Reads the places of rows that stand behind the records of a keys object. */
export async function* readRows(url: string, start: number, rows: number): AsyncGenerator<number> {
  for (let from = 0; from < rows; from += BLOCK_RECORDS) {
    const to = Math.min(rows, from + BLOCK_RECORDS);
    const block = await readRange(url, start + from * ROW_BYTES, start + to * ROW_BYTES);
    for (let at = 0; at < block.length; at += ROW_BYTES) yield block.readUInt32BE(at);
  }
}

/** A keys object on its way. */
export class KeysUpload {
  private readonly body = new PassThrough();
  private readonly done: Promise<number>;

  constructor(url: string) {
    this.body.on('error', () => undefined);
    this.done = uploadStream(url, this.body, 'application/octet-stream');
    this.done.catch(() => undefined);
  }

  /** Writes blocks as fast as they are taken. */
  async write(blocks: Iterable<Buffer>): Promise<void> {
    for (const block of blocks) {
      if (this.body.write(block)) continue;
      const drained = new Promise<void>((resolve) => this.body.once('drain', resolve));
      await Promise.race([drained, this.done]);
    }
  }

  async end(): Promise<void> {
    this.body.end();
    await this.done;
  }

  async abort(error: Error): Promise<void> {
    this.body.destroy(error);
    await this.done.catch(() => undefined);
  }
}

/** Walks through a sorted run of a keys object, a block at a time, the next already on its way. */
export class KeysCursor {
  /** The hash of the key. */
  readonly hash = new Uint32Array(HASH_WORDS);
  /** The version of the row that has it; zeros where none is kept. */
  readonly version = new Uint32Array(VERSION_WORDS);
  private block: Buffer = Buffer.alloc(0);
  private at = 0;
  private fetched = 0;
  private upcoming: Promise<Buffer> | undefined;
  private readonly bytes: number;

  /** `part` is the place of the part in the dataset, `first` how many records stand before the run, `records` how many are in it. */
  constructor(
    readonly part: number,
    private readonly url: string,
    private readonly first: number,
    private readonly records: number,
    private readonly versioned: boolean,
    private readonly blockRecords: number,
  ) {
    this.bytes = recordBytes(versioned);
  }

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
    this.at += this.bytes;
    if (this.at === this.block.length) return false;
    this.read();
    return true;
  }

  /** The row that has the key. */
  get row(): number {
    return this.block.readUInt32BE(this.at + this.bytes - ROW_BYTES);
  }

  private read(): void {
    for (let index = 0; index < HASH_WORDS; index++) this.hash[index] = this.block.readUInt32BE(this.at + index * 4);
    if (!this.versioned) return;
    for (let index = 0; index < VERSION_WORDS; index++) this.version[index] = this.block.readUInt32BE(this.at + (HASH_WORDS + index) * 4);
  }

  private fetch(): Promise<Buffer> | undefined {
    if (this.fetched === this.records) return undefined;
    const from = this.first + this.fetched;
    this.fetched = Math.min(this.records, this.fetched + this.blockRecords);
    const bytes = readRange(this.url, from * this.bytes, (this.first + this.fetched) * this.bytes);
    // the failure is seen when the block is due, which may be after another's
    bytes.catch(() => undefined);
    return bytes;
  }
}

/** Below 0 when `one` comes first: by hash, and of one hash the newer version, read last; without versions the one that was read first. */
export function compareCursors(one: KeysCursor, other: KeysCursor, versioned: boolean): number {
  const hash = compareWords(one.hash, other.hash);
  if (hash !== 0) return hash;
  const order = one.part - other.part || one.row - other.row;
  return versioned ? -(compareWords(one.version, other.version) || order) : order;
}

function compareWords(one: Uint32Array, other: Uint32Array): number {
  for (let index = 0; index < one.length; index++) {
    const difference = one[index]! - other[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** How many records of each of so many runs to read at a time, so that a block and the next of each fit into memory of this size. */
export function blockRecordsFor(runs: number, memoryBytes: number, versioned: boolean): number {
  const bytes = Math.min(memoryBytes / (runs * 2), LARGEST_BLOCK_BYTES);
  return Math.max(1, Math.floor(bytes / recordBytes(versioned)));
}
