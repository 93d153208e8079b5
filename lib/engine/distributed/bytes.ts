import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Clock } from '../clock';
import type { ObjectLocation, S3 } from '../s3';

/** What comes from outside, one by one: a virtual clock stands still while the next is awaited, and moves while nobody asks for it. */
export async function* inFlight<T>(source: AsyncIterable<T>, clock: Clock): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await clock.inFlight(() => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** The text of an object, piece by piece, unzipped if its key says that it is zipped. */
export async function* textOf(s3: S3, object: ObjectLocation, clock: Clock): AsyncGenerator<string> {
  const body = await clock.inFlight(() => s3.getObject(object));
  // The callback is for the pipeline alone: whoever reads its end sees the error.
  const bytes = object.Key.endsWith('.gz') ? pipeline(Readable.from(body), createGunzip(), () => {}) : body;
  const decoder = new TextDecoder();
  for await (const chunk of inFlight<Uint8Array>(bytes, clock)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** Lines without their ends. The last one may lack its end. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split(/\r?\n/);
    rest = lines.pop()!;
    yield* lines;
  }
  yield rest;
}
