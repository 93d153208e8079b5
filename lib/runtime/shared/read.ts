import type { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { ManifestEntry } from '../contract';
import { PermanentError } from './errors';
import { parseS3Url, s3Client } from './s3';

/** Opens a part that a manifest lists. A part that is missing, or is not as long as the manifest says, is `CorruptInput`. */
export async function openEntry(entry: ManifestEntry): Promise<Readable> {
  const { bucket, key } = parseS3Url(entry.url);
  const { Body, ContentLength } = await s3Client()
    .send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    .catch(missing(entry.url));
  if (ContentLength !== entry.meta.content_length) {
    (Body as Readable).destroy();
    throw new PermanentError(
      'CorruptInput',
      `'${entry.url}' has ${ContentLength} bytes, its manifest says ${entry.meta.content_length}; run the step that wrote it again`,
    );
  }
  return Body as Readable;
}

/** Reads bytes `[start, end)` of an object. */
export async function readRange(url: string, start: number, end: number): Promise<Buffer> {
  const { bucket, key } = parseS3Url(url);
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=${start}-${end - 1}` });
  const { Body } = await s3Client().send(command).catch(missing(url));
  const bytes = await Body!.transformToByteArray();
  if (bytes.length !== end - start) {
    throw new PermanentError('CorruptInput', `'${url}' ends before byte ${end}; run the step that wrote it again`);
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function missing(url: string): (error: Error) => never {
  return (error) => {
    if (error.name !== 'NoSuchKey') throw error;
    throw new PermanentError('CorruptInput', `'${url}' is in a manifest but does not exist; run the step that wrote it again`);
  };
}
