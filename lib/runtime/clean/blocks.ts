import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ManifestEntry } from '../contract';
import { PermanentError } from '../shared/errors';
import { openEntry } from '../shared/read';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 256 * 1024;

/** Reads a gzip part as blocks of whole lines. A part that is missing, of another length than its manifest says, or no gzip, is `CorruptInput`. */
export async function* readBlocks(entry: ManifestEntry): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // errors of either stream surface in the loop that reads the last one
  pipeline(await openEntry(entry), gunzip, () => undefined);
  try {
    yield* wholeLines(gunzip);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_')) throw error;
    throw new PermanentError('CorruptInput', `'${entry.url}' is cut or no gzip (${code}); run the step that wrote it again`);
  }
}

/** Cuts a stream into blocks that end at a newline; the last gets one if it has none. */
export async function* wholeLines(stream: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      yield rest.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...rest, chunk.subarray(0, end)]);
      rest = [];
    }
    if (end < chunk.length) rest.push(chunk.subarray(end));
  }
  if (rest.length > 0) yield Buffer.concat([...rest, Buffer.of(NEWLINE)]);
}
