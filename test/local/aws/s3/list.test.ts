import { ListObjectsV2Command, type ListObjectsV2CommandInput, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { codeOf, rejection, send, startTestAws, type TestAws } from '../support';

let aws: TestAws;
let s3: S3Client;

// In the order of S3, which is that of UTF-8 bytes: UTF-16 would put the emoji before U+FF21, and a walk by folder would put a/ before a-b.
const KEYS = ['A', 'a-b', 'a.b', 'a/1', 'a/10', 'a/2', 'a/b/1', 'a/b/2', 'a/c/1', 'a0', 'b', 'ü/x', '\uff21', '\u{1f600}'];

const list = (input: Partial<ListObjectsV2CommandInput> = {}) => s3.send(new ListObjectsV2Command({ Bucket: 'lake', ...input }));
const keys = async (input: Partial<ListObjectsV2CommandInput> = {}) => (await list(input)).Contents?.map(({ Key }) => Key) ?? [];

beforeAll(async () => {
  aws = await startTestAws();
  s3 = aws.client();
  for (const key of [...KEYS].reverse()) {
    const staged = await aws.s3.stage([Buffer.from(key)] as never);
    aws.s3.publish('lake', key, staged, { etag: `"${staged.md5.toString('hex')}"`, headers: {} });
  }
});
afterAll(() => aws.close());

test('lists all keys in the order of their bytes', async () => {
  const page = await list();
  expect(page).toMatchObject({ KeyCount: KEYS.length, MaxKeys: 1000, IsTruncated: false, Name: 'lake', Prefix: '' });
  expect(page.Contents?.map(({ Key }) => Key)).toEqual(KEYS);
  expect(page.Contents?.[0]).toMatchObject({ Size: 1, ETag: '"7fc56270e7a70fa81a5935b72eacbe29"', StorageClass: 'STANDARD' });
});

test.each([
  ['a', ['a-b', 'a.b', 'a/1', 'a/10', 'a/2', 'a/b/1', 'a/b/2', 'a/c/1', 'a0']],
  ['a/', ['a/1', 'a/10', 'a/2', 'a/b/1', 'a/b/2', 'a/c/1']],
  ['a/1', ['a/1', 'a/10']],
  ['a/b/', ['a/b/1', 'a/b/2']],
  ['ü', ['ü/x']],
  ['nothing', []],
])('lists what begins with %j', async (Prefix, expected) => {
  expect(await keys({ Prefix })).toEqual(expected);
});

test('rolls keys up to the delimiter', async () => {
  const root = await list({ Delimiter: '/' });
  expect(root.Contents?.map(({ Key }) => Key)).toEqual(['A', 'a-b', 'a.b', 'a0', 'b', '\uff21', '\u{1f600}']);
  expect(root.CommonPrefixes).toEqual([{ Prefix: 'a/' }, { Prefix: 'ü/' }]);
  expect(root.KeyCount).toBe(9);
  const below = await list({ Delimiter: '/', Prefix: 'a/' });
  expect([below.Contents?.map(({ Key }) => Key), below.CommonPrefixes]).toEqual([
    ['a/1', 'a/10', 'a/2'],
    [{ Prefix: 'a/b/' }, { Prefix: 'a/c/' }],
  ]);
  expect((await list({ Delimiter: '-' })).CommonPrefixes).toEqual([{ Prefix: 'a-' }]);
});

test.each([1, 2, 3, 5, 13, 14])('gives every key once in pages of %d, with and without a delimiter', async (pageSize) => {
  for (const Delimiter of [undefined, '/']) {
    const whole = await list({ Delimiter });
    const paged: unknown[] = [];
    const prefixes: unknown[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize }, { Bucket: 'lake', Delimiter })) {
      expect(page.KeyCount).toBeLessThanOrEqual(pageSize);
      paged.push(...(page.Contents ?? []).map(({ Key }) => Key));
      prefixes.push(...(page.CommonPrefixes ?? []));
    }
    expect([paged, prefixes]).toEqual([whole.Contents?.map(({ Key }) => Key), whole.CommonPrefixes ?? []]);
  }
});

test('starts after a key, be it there or not', async () => {
  expect(await keys({ StartAfter: 'a/b/1' })).toEqual(KEYS.slice(KEYS.indexOf('a/b/2')));
  expect(await keys({ StartAfter: 'a/b' })).toEqual(KEYS.slice(KEYS.indexOf('a/b/1')));
  expect(await keys({ StartAfter: 'a/b/zzz' })).toEqual(KEYS.slice(KEYS.indexOf('a/c/1')));
  expect(await keys({ StartAfter: '\u{1f600}' })).toEqual([]);
});

test('sends keys URL-encoded when asked to', async () => {
  const answer = await send(aws, 'GET', '/lake?list-type=2&encoding-type=url&prefix=%C3%BC/');
  expect(answer.body.toString()).toContain('<Key>%C3%BC/x</Key>');
  expect(answer.body.toString()).toContain('<EncodingType>url</EncodingType>');
});

test('no keys asked for are none given', async () => {
  expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
});

test('never gives more than a thousand', async () => {
  aws.s3.createBucket('many');
  for (let index = 0; index < 1001; index++) {
    const staged = await aws.s3.stage([] as never);
    aws.s3.publish('many', `k${index}`, staged, { etag: '""', headers: {} });
  }
  const page = await list({ Bucket: 'many', MaxKeys: 5000 });
  expect([page.KeyCount, page.IsTruncated]).toEqual([1000, true]);
});

test('refuses what it cannot read', async () => {
  expect(codeOf(await send(aws, 'GET', '/lake?list-type=2&max-keys=x'))).toBe('InvalidArgument');
  expect(codeOf(await send(aws, 'GET', '/lake?list-type=2&encoding-type=x'))).toBe('InvalidArgument');
  expect((await rejection(list({ ContinuationToken: '' }))).name).toBe('InvalidArgument');
  expect((await rejection(list({ FetchOwner: true }))).name).toBe('NotImplemented');
  expect((await rejection(list({ Bucket: 'nowhere' }))).name).toBe('NoSuchBucket');
});
