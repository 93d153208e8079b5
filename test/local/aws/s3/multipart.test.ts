import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { codeOf, rejection, send, startTestAws, type TestAws } from '../support';

const MIB = 1024 * 1024;
const FIVE = Buffer.alloc(5 * MIB, 'a');
const Bucket = 'lake';

let aws: TestAws;
let s3: S3Client;

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();
const create = async (Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}) =>
  (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId!;
const part = async (Key: string, UploadId: string, PartNumber: number, Body: Buffer | string, more: object = {}) => ({
  ...(await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...more }))),
  PartNumber,
});
const complete = (Key: string, UploadId: string, Parts: object[], more: object = {}) =>
  s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: Parts as never }, ...more }));
const uploads = async () => (await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [];

beforeAll(async () => {
  aws = await startTestAws();
  s3 = aws.client();
});
afterEach(async () => {
  expect(await uploads()).toEqual([]);
  expect(readdirSync(join(aws.root, 's3/.uploads'))).toEqual([]);
  expect(readdirSync(join(aws.root, 's3/.tmp'))).toEqual([]);
});
afterAll(() => aws.close());

test('a stream of unknown length goes up in parts and comes back whole, with the composite ETag and checksum of S3', async () => {
  const bytes = randomBytes(13_000_001);
  const Body = Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += 99_999) yield bytes.subarray(at, at + 99_999);
    })(),
  );
  const written = await new Upload({
    client: s3,
    params: { Bucket, Key: 'up', Body, ContentType: 'text/plain', Metadata: { a: '1' } },
    partSize: 6 * MIB,
  }).done();
  const parts = [bytes.subarray(0, 6 * MIB), bytes.subarray(6 * MIB, 12 * MIB), bytes.subarray(12 * MIB)];
  expect(written.ETag).toBe(`"${md5(Buffer.concat(parts.map(md5))).toString('hex')}-3"`);
  expect([written.ChecksumCRC32, written.ChecksumType]).toEqual([expect.stringMatching(/-3$/), 'COMPOSITE']);
  expect(readFileSync(join(aws.root, 's3/lake/up')).equals(bytes)).toBe(true);
  const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'up' }));
  expect(read).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' }, ETag: written.ETag, ChecksumCRC32: written.ChecksumCRC32 });
  expect(Buffer.from(await read.Body!.transformToByteArray()).equals(bytes)).toBe(true);
});

test('a stream that fails leaves no object and no upload', async () => {
  const Body = Readable.from(
    (function* () {
      for (let sent = 0; sent < 120; sent++) yield Buffer.alloc(100_000);
      throw new Error('the source is gone');
    })(),
  );
  await expect(new Upload({ client: s3, params: { Bucket, Key: 'fails', Body }, partSize: 5 * MIB }).done()).rejects.toThrow('the source is gone');
  expect((await rejection(s3.send(new HeadObjectCommand({ Bucket, Key: 'fails' })))).name).toBe('NotFound');
});

test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)(
  'parts are verified with %s, and the list of parts against it',
  async (ChecksumAlgorithm) => {
    const id = await create('sums', { ChecksumAlgorithm });
    const name = `Checksum${ChecksumAlgorithm}` as const;
    const first = await part('sums', id, 1, FIVE, { ChecksumAlgorithm });
    const last = await part('sums', id, 2, 'tail', { ChecksumAlgorithm });
    expect((await rejection(complete('sums', id, [first, { ...last, [name]: first[name] }]))).name).toBe('InvalidPart');
    expect((await complete('sums', id, [first, last]))[name]).toMatch(/^[A-Za-z0-9+/]+=*-2$/);
  },
);

test('the checksum of the whole object can be asked for, and is compared', async () => {
  const whole = await s3.send(new PutObjectCommand({ Bucket, Key: 'whole', Body: Buffer.concat([FIVE, Buffer.from('tail')]) }));
  const id = await create('full', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
  const parts = [await part('full', id, 1, FIVE), await part('full', id, 2, 'tail')];
  expect((await rejection(complete('full', id, parts, { ChecksumCRC32: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' }))).name).toBe('BadDigest');
  expect((await rejection(complete('full', id, parts, { MpuObjectSize: 5 }))).name).toBe('InvalidRequest');
  const answer = await complete('full', id, parts, {
    ChecksumCRC32: whole.ChecksumCRC32,
    ChecksumType: 'FULL_OBJECT',
    MpuObjectSize: FIVE.length + 4,
  });
  expect(answer).toMatchObject({ ChecksumCRC32: whole.ChecksumCRC32, ChecksumType: 'FULL_OBJECT' });
  expect((await rejection(create('full', { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }))).name).toBe('InvalidRequest');
  expect((await rejection(create('full', { ChecksumAlgorithm: 'CRC64NVME' }))).name).toBe('NotImplemented');
});

test('the object is what the list of parts says, whatever was uploaded and in whichever order', async () => {
  const id = await create('chosen');
  const tail = await part('chosen', id, 7, 'tail');
  await part('chosen', id, 5, 'not listed');
  await part('chosen', id, 3, 'replaced');
  const first = await part('chosen', id, 3, FIVE);
  const { Parts, IsTruncated, NextPartNumberMarker } = await s3.send(new ListPartsCommand({ Bucket, Key: 'chosen', UploadId: id, MaxParts: 2 }));
  expect([Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]), IsTruncated]).toEqual([
    [
      [3, FIVE.length],
      [5, 10],
    ],
    true,
  ]);
  const rest = await s3.send(new ListPartsCommand({ Bucket, Key: 'chosen', UploadId: id, PartNumberMarker: NextPartNumberMarker }));
  expect([rest.Parts?.map(({ PartNumber, ETag }) => [PartNumber, ETag]), rest.IsTruncated]).toEqual([[[7, tail.ETag]], false]);
  await complete('chosen', id, [first, tail]);
  expect(readFileSync(join(aws.root, 's3/lake/chosen')).equals(Buffer.concat([FIVE, Buffer.from('tail')]))).toBe(true);
});

test('a completion that is wrong is refused and changes nothing', async () => {
  const id = await create('wrong');
  const small = await part('wrong', id, 1, 'small');
  const last = await part('wrong', id, 2, 'last');
  const refused = async (parts: object[], more: object = {}) => (await rejection(complete('wrong', id, parts, more))).name;
  expect(await refused([small, last])).toBe('EntityTooSmall');
  expect(await refused([last, small])).toBe('InvalidPartOrder');
  expect(await refused([last, last])).toBe('InvalidPartOrder');
  expect(await refused([{ ...last, ETag: small.ETag }])).toBe('InvalidPart');
  expect(await refused([{ ...last, PartNumber: 9 }])).toBe('InvalidPart');
  expect(codeOf(await send(aws, 'POST', `/lake/wrong?uploadId=${id}`, { 'content-length': 4 }, '<a/>'))).toBe('MalformedXML');
  expect((await rejection(s3.send(new HeadObjectCommand({ Bucket, Key: 'wrong' })))).name).toBe('NotFound');
  await complete('wrong', id, [last], { IfNoneMatch: '*' });
  expect(readFileSync(join(aws.root, 's3/lake/wrong'), 'utf8')).toBe('last');
});

test('a completion holds its condition, and the upload outlives a refusal', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'old' }));
  const id = await create('kept');
  const only = await part('kept', id, 1, 'new');
  expect((await rejection(complete('kept', id, [only], { IfNoneMatch: '*' }))).name).toBe('PreconditionFailed');
  expect(readFileSync(join(aws.root, 's3/lake/kept'), 'utf8')).toBe('old');
  expect((await uploads()).map(({ Key, UploadId }) => [Key, UploadId])).toEqual([['kept', id]]);
  await complete('kept', id, [only]);
  expect(readFileSync(join(aws.root, 's3/lake/kept'), 'utf8')).toBe('new');
});

test('two completions at once make one object', async () => {
  const id = await create('twice');
  const parts = [await part('twice', id, 1, FIVE), await part('twice', id, 2, 'tail')];
  const both = await Promise.allSettled([complete('twice', id, parts), complete('twice', id, parts)]);
  // the second is refused while the first is at work, and answered the same once it is done
  expect(both.map(({ status }) => status)).toContain('fulfilled');
  expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'twice' }))).ContentLength).toBe(FIVE.length + 4);
});

test('a client that missed the answer completes again and is answered the same, for that key only', async () => {
  const id = await create('again');
  const parts = [await part('again', id, 1, 'tail')];
  const first = await complete('again', id, parts);
  expect(await complete('again', id, parts)).toMatchObject({ ETag: first.ETag, Key: 'again' });
  expect((await rejection(complete('other', id, parts))).name).toBe('NoSuchUpload');
});

test('an aborted upload takes no more parts and cannot be completed', async () => {
  const id = await create('aborted');
  const only = await part('aborted', id, 1, 'x');
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId: id }));
  expect((await rejection(part('aborted', id, 2, 'y'))).name).toBe('NoSuchUpload');
  expect((await rejection(complete('aborted', id, [only]))).name).toBe('NoSuchUpload');
  expect((await rejection(s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId: id })))).name).toBe('NoSuchUpload');
});

test('an upload belongs to its key, and a part to its number', async () => {
  const id = await create('mine');
  expect((await rejection(part('other', id, 1, 'x'))).name).toBe('NoSuchUpload');
  expect((await rejection(part('mine', '../../lake', 1, 'x'))).name).toBe('NoSuchUpload');
  for (const number of ['0', '10001', 'x', '']) {
    expect(codeOf(await send(aws, 'PUT', `/lake/mine?uploadId=${id}&partNumber=${number}`, { 'content-length': 1 }, 'x'))).toBe('InvalidArgument');
  }
  expect((await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'oth' }))).Uploads).toBeUndefined();
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'mine', UploadId: id }));
});
