import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AwsError, notEmulated } from '../error';
import { ALGORITHMS, type Algorithm, algorithmOf } from './checksum';
import { decodeChunked } from './chunked';
import type { S3Folder, Staged, WriteCondition } from './folder';

/** A request to S3 in path style, taken apart. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly message: IncomingMessage;
}

/** The name of the checksum header of an algorithm. */
export const checksumHeader = (algorithm: Algorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** Takes the path apart by hand: a URL parser would resolve `..` in a key. */
export function parseS3Request(message: IncomingMessage): S3Request {
  const [path = '/', query = ''] = message.url!.split(/\?(.*)/s);
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  try {
    return {
      method: message.method!,
      bucket: decodeURIComponent(bucket),
      key: decodeURIComponent(key),
      query: new URLSearchParams(query),
      headers: message.headers,
      message,
    };
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** One header as text. */
export function header(request: S3Request, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** The algorithm and value of the object checksum among the headers or trailers, if there is one. */
function given(read: (name: string) => string | undefined): { readonly algorithm: Algorithm; readonly value: string } | undefined {
  if (read('x-amz-checksum-crc64nvme') !== undefined) algorithmOf('CRC64NVME');
  for (const algorithm of ALGORITHMS) {
    const value = read(checksumHeader(algorithm));
    if (value !== undefined) return { algorithm, value };
  }
  return undefined;
}

/** The checksum that the headers give for the object. */
export const givenChecksum = (request: S3Request): ReturnType<typeof given> => given((name) => header(request, name));

const LITERAL_SHA256 = /^[0-9a-f]{64}$/;

/**
 * Takes the body of a request into a staged file, decoded, and verifies all that the client said of it: length, Content-MD5, SHA-256 of
 * the payload, checksum in header or trailer. Answers the algorithm of the checksum that was given, too.
 */
export async function receive(request: S3Request, folder: S3Folder, also?: Algorithm): Promise<{ staged: Staged; algorithm?: Algorithm }> {
  const trailer = header(request, 'x-amz-trailer')?.toLowerCase();
  const algorithm = givenChecksum(request)?.algorithm ?? (trailer === undefined ? undefined : algorithmOf(trailer.replace('x-amz-checksum-', '')));
  const trailers = new Map<string, string>();
  const sha256 = LITERAL_SHA256.test(header(request, 'x-amz-content-sha256') ?? '') ? createHash('sha256') : undefined;
  const algorithms = [...new Set([algorithm, also].filter((name) => name !== undefined))];
  const staged = await folder.stage(observed(decoded(request, trailers), sha256), algorithms);
  const wrong = verify(request, staged, trailers, trailer, sha256?.digest('hex'));
  if (wrong) {
    await folder.discard(staged);
    throw wrong;
  }
  return { staged, ...(algorithm && { algorithm }) };
}

function decoded(request: S3Request, trailers: Map<string, string>): AsyncIterable<Buffer> {
  // Not destroyed when reading stops early: the answer that says why still has to go out on the same connection.
  const body = request.message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const encodings = header(request, 'content-encoding') ?? '';
  const chunked = /\baws-chunked\b/.test(encodings) || header(request, 'x-amz-content-sha256')?.startsWith('STREAMING-');
  if (!chunked) {
    if (header(request, 'content-length') === undefined && header(request, 'transfer-encoding') === undefined) {
      throw new AwsError('MissingContentLength', 'You must provide the Content-Length HTTP header.', 411);
    }
    return body;
  }
  const length = Number(header(request, 'x-amz-decoded-content-length') ?? Number.NaN);
  if (!Number.isInteger(length)) throw new AwsError('MissingContentLength', 'an aws-chunked body needs x-amz-decoded-content-length', 411);
  return decodeChunked(body, length, trailers);
}

async function* observed(body: AsyncIterable<Buffer>, hash: { update(chunk: Buffer): unknown } | undefined): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    hash?.update(chunk);
    yield chunk;
  }
}

function verify(
  request: S3Request,
  staged: Staged,
  trailers: ReadonlyMap<string, string>,
  trailer: string | undefined,
  sha256: string | undefined,
): AwsError | undefined {
  const md5 = header(request, 'content-md5');
  if (md5 !== undefined && md5 !== staged.md5.toString('base64')) {
    return new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  if (sha256 !== undefined && sha256 !== header(request, 'x-amz-content-sha256')) {
    return new AwsError('XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  if (trailer !== undefined && !trailers.has(trailer)) return new AwsError('MalformedTrailerError', `the trailer '${trailer}' is missing`);
  const expected = given((name) => header(request, name) ?? trailers.get(name));
  if (expected && staged.checksums[expected.algorithm] !== expected.value) {
    return new AwsError('BadDigest', `The ${expected.algorithm} you specified did not match the calculated checksum.`);
  }
  return undefined;
}

const KEPT = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'];
const USER = 'x-amz-meta-';

/** The headers that an object keeps and gives back. */
export function objectHeaders(request: S3Request): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of Object.keys(request.headers)) {
    if (KEPT.includes(name) || name.startsWith(USER)) headers[name] = header(request, name)!;
  }
  const encodings = (header(request, 'content-encoding') ?? '').split(',').map((encoding) => encoding.trim());
  const kept = encodings.filter((encoding) => encoding !== '' && encoding !== 'aws-chunked');
  if (kept.length > 0) headers['content-encoding'] = kept.join(',');
  return headers;
}

/** The conditions under which a write takes place. */
export function writeCondition(request: S3Request): WriteCondition {
  const ifNoneMatch = header(request, 'if-none-match');
  const ifMatch = header(request, 'if-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw notEmulated(`If-None-Match: ${ifNoneMatch} on a write; S3 takes * only`);
  return { ...(ifNoneMatch === '*' && { ifNoneMatch }), ...(ifMatch !== undefined && { ifMatch }) };
}

/** `x-amz-*` headers that change nothing here, or that the operations read. Any other would be promised and not done. */
const UNDERSTOOD =
  /^x-amz-(content-sha256|date|security-token|user-agent|decoded-content-length|trailer|sdk-checksum-algorithm|checksum-(?!crc64nvme).*|meta-.*|copy-source|metadata-directive|expected-bucket-owner|source-expected-bucket-owner|request-payer|server-side-encryption|server-side-encryption-aws-kms-key-id|server-side-encryption-bucket-key-enabled|storage-class|mp-object-size)$/;

/** Refuses conditions and `x-amz-*` headers that the operation would ignore. */
export function refuseUnknownHeaders(request: S3Request, conditions: readonly string[]): void {
  if (request.headers['x-amz-checksum-crc64nvme'] !== undefined) algorithmOf('CRC64NVME');
  for (const name of Object.keys(request.headers)) {
    const unknown = name.startsWith('x-amz-') ? !UNDERSTOOD.test(name) : /^if-/.test(name) && !conditions.includes(name);
    if (unknown) throw notEmulated(`the S3 header '${name}' on ${request.method} ${request.key === '' ? 'bucket' : 'object'}`);
  }
}
