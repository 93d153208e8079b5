import { once } from 'node:events';
import { createGzip, type Gzip } from 'node:zlib';
import type { ManifestEntry } from '../contract';
import { uploadStream } from '../shared/s3';

const NEWLINE = 0x0a;
/** zlib costs per call: fewer, larger writes took a third off the time of the small chunks a socket gives. */
const CHUNK = 256 * 1024;

/** How parts are written. */
export interface PartOptions {
  readonly partBytes: number;
  /** A url that nothing was written to. */
  readonly nextUrl: () => string;
  /** Is told how many milliseconds the end of each part took. */
  readonly finished?: (ms: number) => void;
}

/** The parts, and how many bytes they hold before compression. */
export interface WrittenParts {
  readonly entries: ManifestEntry[];
  readonly bytes: number;
}

/**
 * Writes records, one a line, as gzip parts of about `partBytes` before compression, each ending at a record's end. Memory is bounded: the source is
 * read only as fast as S3 takes it. When either side fails, the open part is aborted, the error is thrown and nothing of that part remains.
 */
export async function writeParts(source: AsyncIterable<Buffer>, { partBytes, nextUrl, finished }: PartOptions): Promise<WrittenParts> {
  let bytes = 0;
  const close = async (part: Part): Promise<ManifestEntry> => {
    const start = performance.now();
    const entry = await part.close();
    bytes += part.bytes;
    finished?.(performance.now() - start);
    return entry;
  };
  const entries: ManifestEntry[] = [];
  let part: Part | undefined;
  try {
    for await (const chunk of coalesce(source)) {
      let rest = chunk;
      while (rest.length > 0) {
        part ??= new Part(nextUrl());
        const border = rest.indexOf(NEWLINE, Math.max(0, partBytes - part.bytes - 1));
        const end = border < 0 ? rest.length : border + 1;
        await part.write(rest.subarray(0, end));
        rest = rest.subarray(end);
        if (border >= 0) {
          entries.push(await close(part));
          part = undefined;
        }
      }
    }
    if (part) entries.push(await close(part));
  } catch (error) {
    await part?.abort();
    throw error;
  }
  return { entries, bytes };
}

class Part {
  bytes = 0;
  private records = 0;
  private readonly gzip: Gzip = createGzip({ level: 1, chunkSize: CHUNK, memLevel: 9 });
  private readonly uploaded: Promise<number>;
  /** Rejects with the upload, and never resolves. */
  private readonly failed: Promise<never>;

  constructor(private readonly url: string) {
    this.uploaded = uploadStream(url, this.gzip, 'application/gzip');
    this.failed = this.uploaded.then(() => new Promise<never>(() => {}));
    this.failed.catch(() => {});
    // the upload reads the stream and reports its failure
    this.gzip.on('error', () => {});
  }

  async write(chunk: Buffer): Promise<void> {
    this.bytes += chunk.length;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) this.records++;
    if (!this.gzip.write(chunk)) await Promise.race([once(this.gzip, 'drain'), this.failed]);
  }

  async close(): Promise<ManifestEntry> {
    this.gzip.end();
    const contentLength = await this.uploaded;
    return { url: this.url, mandatory: true, meta: { content_length: contentLength, record_count: this.records } };
  }

  /** Without an error in the stream the upload would take what came so far for the whole and publish it. */
  async abort(): Promise<void> {
    this.gzip.destroy(new Error('the part was given up'));
    await this.uploaded.catch(() => {});
  }
}

async function* coalesce(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= CHUNK) {
      yield Buffer.concat(chunks, length);
      chunks = [];
      length = 0;
    }
  }
  if (length > 0) yield Buffer.concat(chunks, length);
}
