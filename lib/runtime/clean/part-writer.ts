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

  constructor(private readonly url: string) {}

  get records(): number {
    return this.lines;
  }

  /** Writes one line of at most `bound` bytes, newline excluded: `encode` writes it at a place in a buffer and answers where it ends. */
  line(bound: number, encode: (buffer: Buffer, at: number) => number): void {
    if (this.buffer.length - this.used <= bound) this.turn(bound + 1);
    this.used = encode(this.buffer, this.used);
    this.buffer[this.used++] = 0x0a;
    this.lines++;
  }

  /** Hands on what was written, as fast as it is taken. */
  async flush(): Promise<void> {
    for (const chunk of this.full.splice(0)) {
      this.target ??= new Upload(this.url);
      // used again, because garbage outside the heap is collected late: without this the process grows by half
      await this.target.write(chunk, () => {
        if (chunk.buffer.byteLength === BUFFER_BYTES) this.free.push(Buffer.from(chunk.buffer));
      });
    }
  }

  /** Completes the object; undefined when there was no line. */
  async close(): Promise<ManifestEntry | undefined> {
    if (this.lines === 0) return undefined;
    this.turn(0);
    await this.flush();
    const bytes = await this.target!.end();
    return { url: this.url, mandatory: true, meta: { content_length: bytes, record_count: this.lines } };
  }

  /** Ends the upload so that nothing of it stays. */
  async abort(error: Error): Promise<void> {
    await this.target?.abort(error);
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

  /** Waits while the stream is full; `consumed` is called when the chunk may be used for something else. */
  async write(chunk: Buffer, consumed: () => void): Promise<void> {
    if (this.gzip.write(chunk, consumed)) return;
    // a failed upload drains nothing any more
    await Promise.race([new Promise((resolve) => this.gzip.once('drain', resolve)), this.done]);
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
