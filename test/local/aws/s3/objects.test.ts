import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { unsignedAuthorization } from '../../../../lib/local/aws/http';
import { codeOf, rejection, send, startTestAws, type TestAws } from '../support';

let aws: TestAws;
let s3: S3Client;
const Bucket = 'lake';
const etag = (bytes: Buffer | string) => `"${createHash('md5').update(bytes).digest('hex')}"`;
const put = (Key: string, Body: string | Buffer, more: object = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (Key: string, more: object = {}) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...answer, text: await answer.Body!.transformToString() };
};

beforeAll(async () => {
  aws = await startTestAws();
  s3 = aws.client();
});
afterAll(() => aws.close());

describe('an object', () => {
  test('comes back as it was put, with type, metadata, encoding, ETag and checksum', async () => {
    const written = await put('plain', 'hello', {
      ContentType: 'text/plain',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      Metadata: { origin: 'test' },
    });
    expect(written).toMatchObject({ ETag: etag('hello'), ChecksumCRC32: 'NhCmhg==', ChecksumType: 'FULL_OBJECT' });
    expect(await get('plain')).toMatchObject({
      text: 'hello',
      ContentLength: 5,
      ContentType: 'text/plain',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      Metadata: { origin: 'test' },
      ETag: etag('hello'),
      ChecksumCRC32: 'NhCmhg==',
    });
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'plain' }))).toMatchObject({ ContentLength: 5, ETag: etag('hello') });
  });

  test('is a plain file of its key, with nothing of the transfer encoding in it', async () => {
    const bytes = randomBytes(300_000);
    const Body = Readable.from([bytes.subarray(0, 7), bytes.subarray(7, 100_000), bytes.subarray(100_000)]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a/stream.bin', Body, ContentLength: bytes.length }));
    expect(readFileSync(join(aws.root, 's3/lake/a/stream.bin')).equals(bytes)).toBe(true);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'a/stream.bin' }))).ContentEncoding).toBeUndefined();
  });

  test.each([
    'with space + plus',
    'per%cent%2Fslash',
    'ünïcödé/日本/\u{1f600}',
    'quo"te\'s & <tags>',
    'semi;colon,comma=and?query#hash',
    'line\nfeed\ttab',
    '...dots.../..a',
    'back\\slash',
    '.hidden',
    'y'.repeat(255),
  ])('may have the key %j', async (Key) => {
    await put(Key, Key);
    expect((await get(Key)).text).toBe(Key);
    expect(readFileSync(join(aws.root, 's3/lake', ...Key.split('/')), 'utf8')).toBe(Key);
  });

  test.each(['../escape', 'a/../../escape', 'a/./b', '/absolute', 'a//b', 'folder/', '..', `${'z'.repeat(256)}`])(
    'may not have the key %j, which is no path inside the bucket',
    async (Key) => {
      const answer = await send(aws, 'PUT', `/lake/${Key.replaceAll('.', '%2E')}`, { 'content-length': 1 }, 'x');
      expect([answer.status, codeOf(answer)]).toEqual([501, 'NotImplemented']);
      const raw = await send(aws, 'PUT', `/lake/${Key}`, { 'content-length': 1 }, 'x');
      expect([raw.status, codeOf(raw)]).toEqual([501, 'NotImplemented']);
      expect(existsSync(join(aws.root, 'escape')) || existsSync(join(aws.root, 's3/escape'))).toBe(false);
    },
  );

  test('may not lie where a folder of keys is, nor keys below it', async () => {
    await put('clash/below', '1');
    await put('taken', '2');
    for (const Key of ['clash', 'taken/below', 'taken/far/below']) expect((await rejection(put(Key, 'x'))).name).toBe('NotImplemented');
    expect([(await get('clash/below')).text, (await get('taken')).text]).toEqual(['1', '2']);
    expect((await rejection(get('clash'))).name).toBe('NoSuchKey');
    expect((await rejection(get('taken/below'))).name).toBe('NoSuchKey');
  });

  test('that is missing, or in a missing bucket, is named as S3 does', async () => {
    expect(await rejection(get('nothing'))).toMatchObject({ name: 'NoSuchKey', message: 'The specified key does not exist.' });
    expect((await rejection(s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' })))).name).toBe('NotFound');
    expect((await rejection(s3.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'a' })))).name).toBe('NoSuchBucket');
    expect((await rejection(s3.send(new PutObjectCommand({ Bucket: 'nowhere', Key: 'a', Body: 'x' })))).name).toBe('NoSuchBucket');
    expect((await rejection(s3.send(new GetObjectCommand({ Bucket: '.meta', Key: 'a' })))).name).toBe('NoSuchBucket');
  });

  test('may be empty', async () => {
    await put('empty', Buffer.alloc(0));
    expect(await get('empty')).toMatchObject({ text: '', ContentLength: 0, ETag: '"d41d8cd98f00b204e9800998ecf8427e"' });
  });

  test('that some engine wrote into the bucket is an object, also in place of an earlier one', async () => {
    await put('foreign', 'from S3', { ContentType: 'text/plain' });
    await sleep(5);
    writeFileSync(aws.s3.path('lake', 'foreign'), 'from DK');
    expect(await get('foreign')).toMatchObject({ text: 'from DK', ETag: etag('from DK'), ContentType: 'binary/octet-stream' });
  });
});

describe('a range', () => {
  beforeAll(() => put('digits', '0123456789'));

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=0-0', '0', 'bytes 0-0/10'],
  ])('%s is %s', async (Range, text, ContentRange) => {
    const answer = await get('digits', { Range });
    expect(answer).toMatchObject({ text, ContentRange, ContentLength: text.length });
    expect(answer.$metadata.httpStatusCode).toBe(206);
    expect(answer.ChecksumCRC32).toBeUndefined();
  });

  test.each(['bytes=10-', 'bytes=-0'])('%s is outside of ten bytes', async (Range) => {
    expect(await rejection(get('digits', { Range }))).toMatchObject({ name: 'InvalidRange', $metadata: { httpStatusCode: 416 } });
  });

  test.each(['bytes=4-2', 'bytes=1-2,4-5', 'lines=1-2', 'bytes=-'])('%s is not one range of bytes: the whole is sent', async (range) => {
    const answer = await send(aws, 'GET', '/lake/digits', { range });
    expect([answer.status, answer.body.toString()]).toEqual([200, '0123456789']);
  });
});

describe('a body is verified', () => {
  const algorithms = ['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const;

  test.each(algorithms)('by the SDK with %s, which is kept and given back', async (ChecksumAlgorithm) => {
    const written = await put(`sum-${ChecksumAlgorithm}`, 'hello', { ChecksumAlgorithm });
    const name = `Checksum${ChecksumAlgorithm}` as const;
    expect(written[name]).toMatch(/=$/);
    expect((await get(`sum-${ChecksumAlgorithm}`))[name]).toBe(written[name]);
  });

  test.each(algorithms)('and a wrong %s publishes nothing, in a header or in a trailer', async (algorithm) => {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`;
    const inHeader = await send(aws, 'PUT', '/lake/wrong', { [name]: 'AAAAAA==', 'content-length': 5 }, 'hello');
    expect([inHeader.status, codeOf(inHeader)]).toEqual([400, 'BadDigest']);
    const headers = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': 5, 'x-amz-trailer': name };
    const inTrailer = await send(aws, 'PUT', '/lake/wrong', headers, `5\r\nhello\r\n0\r\n${name}:AAAAAA==\r\n\r\n`);
    expect([inTrailer.status, codeOf(inTrailer)]).toEqual([400, 'BadDigest']);
    expect((await rejection(get('wrong'))).name).toBe('NoSuchKey');
  });

  test.each([
    [{ 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'BadDigest'],
    [{ 'x-amz-content-sha256': '0'.repeat(64) }, 'XAmzContentSHA256Mismatch'],
    [{ 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' }, 'NotImplemented'],
  ])('and %j is %s', async (headers, code) => {
    expect(codeOf(await send(aws, 'PUT', '/lake/wrong', { ...headers, 'content-length': 5 }, 'hello'))).toBe(code);
    expect((await rejection(get('wrong'))).name).toBe('NoSuchKey');
  });

  test.each([
    [{ 'x-amz-trailer': 'x-amz-checksum-crc32' }, '5\r\nhello\r\n0\r\n\r\n', 'MalformedTrailerError'],
    [{ 'x-amz-trailer': 'x-amz-checksum-crc64nvme' }, '5\r\nhello\r\n0\r\nx-amz-checksum-crc64nvme:AAAAAAAAAAA=\r\n\r\n', 'NotImplemented'],
    [{}, '5\r\nhello\r\n', 'IncompleteBody'],
  ])('and a chunked one with %j and %j is %s', async (headers, body, code) => {
    const chunked = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'x-amz-decoded-content-length': 5 };
    expect(codeOf(await send(aws, 'PUT', '/lake/wrong', { ...chunked, ...headers }, body))).toBe(code);
    expect((await rejection(get('wrong'))).name).toBe('NoSuchKey');
  });

  test('and one whose connection breaks leaves nothing behind', async () => {
    const { port } = new URL(aws.url);
    const socket = connect(Number(port), '127.0.0.1');
    const authorization = unsignedAuthorization('s3', 'us-east-1');
    socket.write(`PUT /lake/broken HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: 100000\r\n\r\n${'x'.repeat(50_000)}`);
    const temporary = join(aws.root, 's3/.tmp');
    while (readdirSync(temporary).length === 0) await sleep(5);
    socket.destroy();
    while (readdirSync(temporary).length > 0) await sleep(5);
    expect((await rejection(get('broken'))).name).toBe('NoSuchKey');
  });

  test('and an error answered early reaches a client that is still sending', async () => {
    const Body = Readable.from(
      (function* () {
        for (let sent = 0; sent < 400; sent++) yield Buffer.alloc(100_000);
      })(),
    );
    const error = await rejection(s3.send(new PutObjectCommand({ Bucket: 'nowhere', Key: 'large', Body, ContentLength: 40_000_000 })));
    expect(error.name).toBe('NoSuchBucket');
  });
});

test('an error in the middle of a body reaches a client that is still sending', async () => {
  const headers = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': 40_000_000 };
  const answer = await send(aws, 'PUT', '/lake/middle', headers, `5\r\nhello\r\nno size\r\n${'x'.repeat(40_000_000)}`);
  expect(codeOf(answer)).toBe('IncompleteBody');
});

test('after an error in the middle of a body the connection serves the next request', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const headers = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': 1_000_000 };
    await send(aws, 'PUT', '/lake/middle', headers, `no size\r\n${'x'.repeat(1_000_000)}`, 's3', agent);
    expect(await send(aws, 'HEAD', '/lake', {}, undefined, 's3', agent)).toMatchObject({ status: 200 });
  } finally {
    agent.destroy();
  }
});

describe('a condition', () => {
  test('If-None-Match: * writes once, also when two write at once', async () => {
    const both = await Promise.allSettled([put('once', 'a', { IfNoneMatch: '*' }), put('once', 'b', { IfNoneMatch: '*' })]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await rejection(put('once', 'c', { IfNoneMatch: '*' }))).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    expect((await get('once')).text).toMatch(/^[ab]$/);
  });

  test('If-Match writes over the version that it names', async () => {
    await put('match', '1');
    expect((await rejection(put('match', '2', { IfMatch: etag('0') }))).name).toBe('PreconditionFailed');
    await put('match', '2', { IfMatch: etag('1') });
    expect((await get('match')).text).toBe('2');
    expect((await rejection(put('no-match', '2', { IfMatch: etag('1') }))).name).toBe('NoSuchKey');
  });

  test('holds for reading, too', async () => {
    await put('read', '1');
    expect((await rejection(get('read', { IfMatch: etag('0') }))).name).toBe('PreconditionFailed');
    expect((await get('read', { IfMatch: etag('1') })).text).toBe('1');
    expect((await rejection(get('read', { IfNoneMatch: etag('1') }))).$metadata?.httpStatusCode).toBe(304);
    expect((await get('read', { IfNoneMatch: etag('0') })).text).toBe('1');
  });
});

describe('copy and delete', () => {
  test('a copy has bytes, type and metadata of its source, or those that replace them', async () => {
    await put('copy/süß & more', 'hello', { ContentType: 'text/plain', Metadata: { a: '1' } });
    const CopySource = `lake/${encodeURIComponent('copy/süß & more')}`;
    const { CopyObjectResult } = await s3.send(new CopyObjectCommand({ Bucket, Key: 'copied', CopySource }));
    expect(CopyObjectResult).toMatchObject({ ETag: etag('hello'), ChecksumCRC32: 'NhCmhg==' });
    expect(await get('copied')).toMatchObject({ text: 'hello', ContentType: 'text/plain', Metadata: { a: '1' } });
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copied', CopySource, MetadataDirective: 'REPLACE', Metadata: { b: '2' } }));
    expect((await get('copied')).Metadata).toEqual({ b: '2' });
    expect((await rejection(s3.send(new CopyObjectCommand({ Bucket, Key: 'copied', CopySource: 'lake/nothing' })))).name).toBe('NoSuchKey');
    expect((await rejection(s3.send(new CopyObjectCommand({ Bucket, Key: 'copied', CopySource: 'lake/copied' })))).name).toBe('InvalidRequest');
  });

  test('delete is done once and again, and leaves no folder in the way', async () => {
    await put('deep/er/object', '1');
    for (const _ of [1, 2]) await s3.send(new DeleteObjectCommand({ Bucket, Key: 'deep/er/object' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    expect((await rejection(get('deep/er/object'))).name).toBe('NoSuchKey');
    await put('deep', '2');
    expect((await get('a/stream.bin')).ContentLength).toBe(300_000);
  });

  test('batch delete tells what it did for each key', async () => {
    await put('batch/1', '1');
    await put('batch/ü&<', '2');
    const remove = (keys: string[], Quiet?: boolean) =>
      s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet } }));
    const answer = await remove(['batch/1', 'batch/ü&<', 'batch/never', 'a/../b']);
    expect(answer.Deleted).toEqual([{ Key: 'batch/1' }, { Key: 'batch/ü&<' }, { Key: 'batch/never' }]);
    expect(answer.Errors).toMatchObject([{ Key: 'a/../b', Code: 'NotImplemented' }]);
    expect((await remove(['batch/1'], true)).Deleted).toBeUndefined();
    expect((await rejection(get('batch/ü&<'))).name).toBe('NoSuchKey');
    expect(codeOf(await send(aws, 'POST', '/lake?delete', { 'content-length': 0 }))).toBe('InvalidRequest');
  });
});

describe('a bucket', () => {
  test('is there once it was made', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'made' }));
    await s3.send(new HeadBucketCommand({ Bucket: 'made' }));
    expect((await rejection(s3.send(new HeadBucketCommand({ Bucket: 'nowhere' })))).name).toBe('NotFound');
    expect(() => aws.s3.createBucket('../up')).toThrow(expect.objectContaining({ code: 'InvalidBucketName' }));
  });
});

test('nothing half written is left by any of this', () => {
  expect(readdirSync(join(aws.root, 's3/.tmp'))).toEqual([]);
});

describe('what is not emulated is refused by name', () => {
  test.each([
    ['GET', '/lake/digits?tagging&x-id=GetObjectTagging', {}, "the S3 operation GetObjectTagging (query parameter 'tagging')"],
    ['PUT', '/lake/digits?acl', {}, "the S3 operation PUT on an object (query parameter 'acl')"],
    ['GET', '/lake/digits?versionId=1', {}, "the S3 operation GET on an object (query parameter 'versionId')"],
    ['GET', '/lake?versions', {}, "the S3 operation GET on a bucket (query parameter 'versions')"],
    ['GET', '/lake', {}, 'the S3 operation GET on a bucket'],
    ['DELETE', '/lake', {}, 'the S3 operation DELETE on a bucket'],
    ['GET', '/', {}, 'the S3 operation GET on the service'],
    ['PUT', '/lake/x?partNumber=1&uploadId=1', { 'x-amz-copy-source': 'lake/digits' }, 'the S3 operation PUT on an object with x-amz-copy-source'],
    ['PUT', '/lake/x', { 'x-amz-tagging': 'a=b' }, "the S3 header 'x-amz-tagging' on PUT object"],
    ['PUT', '/lake/x', { 'if-modified-since': 'x' }, "the S3 header 'if-modified-since' on PUT object"],
    ['DELETE', '/lake/digits', { 'if-match': '"x"' }, "the S3 header 'if-match' on DELETE object"],
    ['PUT', '/lake/x', { 'if-none-match': '"x"' }, 'If-None-Match: "x" on a write'],
  ])('%s %s %j', async (method, path, headers, what) => {
    const answer = await send(aws, method, path, { ...headers, 'content-length': 0 });
    expect([answer.status, codeOf(answer)]).toEqual([501, 'NotImplemented']);
    expect(answer.body.toString().replaceAll('&quot;', '"')).toContain(`the local AWS endpoint does not emulate ${what}`);
  });

  test('a path that cannot be decoded is no key', async () => {
    expect(codeOf(await send(aws, 'GET', '/lake/%E0%A4%A'))).toBe('InvalidURI');
  });
});
