import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../error';
import { type ObjectHead, type S3Folder, sameEtag } from './folder';
import { checksumHeader, header, type S3Request } from './request';

/** First and last byte, inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Reads a Range header. One that is not a single range of bytes is ignored, as HTTP and S3 have it; one outside the object is an error. */
export function byteRange(range: string | undefined, size: number): ByteRange | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { first, last };
}

function checkConditions(request: S3Request, head: ObjectHead): void {
  const matches = (condition: string): boolean => condition === '*' || condition.split(',').some((etag) => sameEtag(etag.trim(), head.etag));
  const ifMatch = header(request, 'if-match');
  const ifNoneMatch = header(request, 'if-none-match');
  if (ifMatch !== undefined && !matches(ifMatch)) {
    throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
  }
  if (ifNoneMatch !== undefined && matches(ifNoneMatch)) throw new AwsError('NotModified', 'Not Modified', 304);
}

/** Answers GetObject and HeadObject. */
export async function sendObject(request: S3Request, folder: S3Folder, response: ServerResponse): Promise<void> {
  const { fd, head } = folder.open(request.bucket, request.key);
  // Owns the descriptor from here on and closes it, read to the end or not.
  const whole = { fd, start: 0, end: Math.max(0, head.size - 1) };
  let range: ByteRange | undefined;
  try {
    checkConditions(request, head);
    range = byteRange(header(request, 'range'), head.size);
  } catch (error) {
    createReadStream('', whole).destroy();
    throw error;
  }
  response.writeHead(range ? 206 : 200, {
    ...head.headers,
    'content-length': range ? range.last - range.first + 1 : head.size,
    etag: head.etag,
    'last-modified': head.lastModified.toUTCString(),
    'accept-ranges': 'bytes',
    ...(range && { 'content-range': `bytes ${range.first}-${range.last}/${head.size}` }),
    ...(!range && head.checksum && header(request, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' && checksumHeaders(head)),
  });
  if (request.method === 'HEAD' || head.size === 0) {
    createReadStream('', whole).destroy();
    response.end();
    return;
  }
  await pipeline(createReadStream('', range ? { fd, start: range.first, end: range.last } : whole), response);
}

/** The headers that tell an object's checksum. */
export function checksumHeaders(head: Pick<ObjectHead, 'checksum'>): Record<string, string> {
  if (!head.checksum) return {};
  return { [checksumHeader(head.checksum.algorithm)]: head.checksum.value, 'x-amz-checksum-type': head.checksum.type };
}
