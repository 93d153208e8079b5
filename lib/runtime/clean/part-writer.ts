import { createGzip } from 'node:zlib';
import type { ManifestEntry } from '../contract';
import { uploadStream } from '../shared/s3';

const BUFFER_BYTES = 256 * 1024;

/**
 * Writes lines into one gzip part. Lines are put down without waiting, `flush` between blocks waits until S3 keeps up. Without a line no object is
 * made; with an error none appears.
 */
export class PartWriter {
  private buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private used = 0;
  private full: Buffer[] = [];
  private readonly free: Buffer[] = [];
  private lines = 0;
  private target: Upload | undefined;
  private writing: Promise<void> | undefined;

  constructor(private readonly url: string) {}

  /** Writes one line of at most `bound` bytes, newline excluded: `encode` writes it at a place in a buffer and answers where it ends. */
  line(bound: number, encode: (buffer: Buffer, at: number) => number): void {
    if (this.buffer.length - this.used <= bound) this.turn(bound + 1);
    this.used = encode(this.buffer, this.used);
    this.buffer[this.used++] = 0x0a;
    this.lines++;
  }

  /** Hands on what was written, as fast as it is taken: one buffer is compressed while the next is filled. */
  async flush(): Promise<void> {
    for (const chunk of this.full.splice(0)) {
      await this.writing;
      this.target ??= new Upload(this.url);
      this.writing = this.target.write(chunk).then(() => this.reuse(chunk));
      // seen when the next chunk is due
      this.writing.catch(() => undefined);
    }
  }

  /** Completes the object; undefined when there was no line. */
  async close(): Promise<ManifestEntry | undefined> {
    if (this.lines === 0) return undefined;
    this.turn(0);
    await this.flush();
    await this.writing;
    const bytes = await this.target!.end();
    return { url: this.url, mandatory: true, meta: { content_length: bytes, record_count: this.lines } };
  }

  /** Ends the upload so that nothing of it stays. */
  async abort(error: Error): Promise<void> {
    await this.target?.abort(error);
  }

  /** Garbage outside the heap is collected late: without this the process grows by half. */
  private reuse(chunk: Buffer): void {
    if (chunk.buffer.byteLength === BUFFER_BYTES) this.free.push(Buffer.from(chunk.buffer));
  }

  private turn(bytes: number): void {
    if (this.used > 0) this.full.push(this.buffer.subarray(0, this.used));
    this.buffer = (bytes <= BUFFER_BYTES && this.free.pop()) || Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, bytes));
    this.used = 0;
  }
}

/** A gzip stream on its way to an object. */
class Upload {
  private readonly gzip = createGzip({ level: 1, memLevel: 9, chunkSize: BUFFER_BYTES });
  private readonly done: Promise<number>;

  constructor(url: string) {
    // the upload's own failure says more than the event
    this.gzip.on('error', () => undefined);
    this.done = uploadStream(url, this.gzip, 'application/gzip');
    this.done.catch(() => undefined);
  }

  /** Waits until the chunk is compressed and may be used for something else. */
  async write(chunk: Buffer): Promise<void> {
    const compressed = new Promise<void>((resolve) => this.gzip.write(chunk, (error) => !error && resolve()));
    // a failed upload takes nothing any more, and knows why
    await Promise.race([compressed, this.done]);
  }

  end(): Promise<number> {
    this.gzip.end();
    return this.done;
  }

  async abort(error: Error): Promise<void> {
    this.gzip.destroy(error);
    await this.done.catch(() => undefined);
  }
}
