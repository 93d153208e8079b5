import { AwsError } from '../error';

const CRLF = '\r\n';
const MAX_LINE_BYTES = 8 * 1024;

/** Takes lines and runs of bytes off a stream of chunks, without ever holding more than one chunk and one line. */
class Reader {
  private pending: Buffer = Buffer.alloc(0);

  constructor(private readonly source: AsyncIterator<Buffer>) {}

  async line(): Promise<string> {
    let end = this.pending.indexOf(CRLF);
    while (end < 0) {
      if (this.pending.length > MAX_LINE_BYTES) throw incomplete('a chunk header has no end');
      await this.fill();
      end = this.pending.indexOf(CRLF);
    }
    const text = this.pending.subarray(0, end).toString('latin1');
    this.pending = this.pending.subarray(end + CRLF.length);
    return text;
  }

  async *bytes(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (this.pending.length === 0) await this.fill();
      const piece = this.pending.subarray(0, left);
      this.pending = this.pending.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  private async fill(): Promise<void> {
    const { value, done } = await this.source.next();
    if (done) throw incomplete('the body ends within a chunk');
    this.pending = this.pending.length === 0 ? value : Buffer.concat([this.pending, value]);
  }
}

const incomplete = (why: string): AwsError => new AwsError('IncompleteBody', `the aws-chunked body cannot be decoded: ${why}`);

/**
 * Undoes the `aws-chunked` content encoding in which SDKs send streams, with or without chunk signatures (which are not verified, as no
 * signature is). Trailing headers are added to `trailers` by the time the iteration ends.
 */
export async function* decodeChunked(body: AsyncIterable<Buffer>, length: number, trailers: Map<string, string>): AsyncGenerator<Buffer> {
  const source = body[Symbol.asyncIterator]();
  const reader = new Reader(source);
  try {
    let decoded = 0;
    for (;;) {
      const header = await reader.line();
      const size = /^[0-9a-fA-F]{1,12}(?=;|$)/.exec(header)?.[0];
      if (size === undefined) throw incomplete('a chunk does not begin with its size');
      const count = Number.parseInt(size, 16);
      if (count === 0) break;
      decoded += count;
      yield* reader.bytes(count);
      if ((await reader.line()) !== '') throw incomplete('a chunk is longer than its size');
    }
    for (let line = await reader.line(); line !== ''; line = await reader.line()) {
      const colon = line.indexOf(':');
      if (colon < 0) throw new AwsError('MalformedTrailerError', 'a trailing header has no colon');
      trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    if (decoded !== length) throw incomplete(`it holds ${decoded} bytes where x-amz-decoded-content-length says ${length}`);
  } finally {
    // A reader that stopped early but stays on keeps the rest from being read by anyone.
    await source.return?.();
  }
}
