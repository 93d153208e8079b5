import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { PermanentError } from './errors';

/** An S3 object, taken apart from `s3://bucket/key`. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

const PART_BYTES = 8 * 1024 * 1024;
const PARALLEL_PARTS = 2;
const CONNECT_MS = 5_000;
const IDLE_MS = 120_000;

let shared: S3Client | undefined;

/** The one client of a function instance. Without a route to S3 it gives up after seconds, not with the function's timeout. */
export function s3Client(): S3Client {
  shared ??= new S3Client({ requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: IDLE_MS } });
  return shared;
}

/** Takes `s3://bucket/key` apart; the key is taken as it is, nothing is decoded. */
export function parseS3Url(url: string): S3Object {
  const match = /^s3:\/\/([^/]+)\/(.+)$/s.exec(url);
  if (!match) throw new PermanentError('InvalidInput', `'${url}' is not the url of an s3 object; write s3://bucket/key`);
  return { bucket: match[1]!, key: match[2]! };
}

/** `s3://bucket/key`. */
export function formatS3Url(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

const UNREACHABLE = new Set(['TimeoutError', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Sends a request; that S3 cannot be reached is told with what is most often missing. */
export async function reached<T>(url: string, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const { name, code } = error as { name: string; code?: string };
    if (!UNREACHABLE.has(name) && !UNREACHABLE.has(code ?? '')) throw error;
    const unreachable = new Error(
      `no answer from S3 for '${url}' (${code ?? name}); a function in a VPC needs an S3 gateway endpoint or a NAT route in its subnets`,
    );
    unreachable.name = 'StorageUnavailable';
    throw unreachable;
  }
}

/** Opens an object for reading from its first byte. Destroying the stream ends the download. */
export async function openObject(url: string): Promise<Readable> {
  const { bucket, key } = parseS3Url(url);
  const { Body } = await reached(url, s3Client().send(new GetObjectCommand({ Bucket: bucket, Key: key })));
  return Body as Readable;
}

/** Reads a small object as UTF-8 text. */
export async function readText(url: string): Promise<string> {
  const { bucket, key } = parseS3Url(url);
  const { Body } = await reached(url, s3Client().send(new GetObjectCommand({ Bucket: bucket, Key: key })));
  return Body!.transformToString('utf-8');
}

/** How many bytes an object has; undefined when there is none that the role may read: S3 tells both by one answer to who may not list. */
export async function objectBytes(url: string): Promise<number | undefined> {
  const { bucket, key } = parseS3Url(url);
  try {
    const { ContentLength } = await reached(url, s3Client().send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
    return ContentLength;
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    if (status === 404 || status === 403) return undefined;
    throw error;
  }
}

/** Writes a small object in one request. */
export async function writeText(url: string, text: string | Buffer, contentType: string): Promise<void> {
  const { bucket, key } = parseS3Url(url);
  await reached(url, s3Client().send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: contentType })));
}

/**
 * Uploads a stream of any length in bounded memory and answers how many bytes the object has. The object appears when all of it is there;
 * when the stream fails or is destroyed, the multipart upload is aborted, nothing appears and the stream's error is thrown.
 */
export async function uploadStream(url: string, body: Readable, contentType: string): Promise<number> {
  const { bucket, key } = parseS3Url(url);
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  const upload = new Upload({
    client: s3Client(),
    params: { Bucket: bucket, Key: key, Body: Readable.from(counted()), ContentType: contentType },
    partSize: PART_BYTES,
    queueSize: PARALLEL_PARTS,
  });
  try {
    await reached(url, upload.done());
  } finally {
    body.destroy();
  }
  return bytes;
}
