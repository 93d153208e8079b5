import { AwsError, notEmulated } from '../error';
import { childText, readXml, type Xml } from '../xml';
import type { ObjectHead } from './folder';
import { checksumHeaders, sendObject } from './get';
import { listObjects } from './list';
import { MULTIPART_OPERATIONS } from './multipart-operations';
import { checksumElement, numberOf, type S3Answer, type S3Operation, type S3State, xmlBody } from './operation';
import { givenChecksum, header, objectHeaders, receive, type S3Request, writeCondition } from './request';

const encoderFor = (request: S3Request): ((text: string) => string) => {
  const type = request.query.get('encoding-type');
  if (type === null) return (text) => text;
  if (type !== 'url') throw new AwsError('InvalidArgument', 'Invalid Encoding Method specified in Request');
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+');
};

async function putObject(request: S3Request, { folder }: S3State): Promise<S3Answer> {
  folder.path(request.bucket, request.key);
  const condition = writeCondition(request);
  const { staged, algorithm } = await receive(request, folder);
  const checksum = algorithm && { algorithm, value: staged.checksums[algorithm]!, type: 'FULL_OBJECT' as const };
  const metadata = { etag: `"${staged.md5.toString('hex')}"`, headers: objectHeaders(request), ...(checksum && { checksum }) };
  const head = folder.publish(request.bucket, request.key, staged, metadata, condition);
  return { headers: { etag: head.etag, ...checksumHeaders(head) } };
}

async function copyObject(request: S3Request, { folder }: S3State): Promise<S3Answer> {
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(header(request, 'x-amz-copy-source')!)) ?? [];
  if (bucket === undefined || key === undefined) throw new AwsError('InvalidArgument', 'Copy Source must mention the source bucket and key');
  if (header(request, 'x-amz-copy-source')!.includes('?')) throw notEmulated('versions in x-amz-copy-source');
  const directive = header(request, 'x-amz-metadata-directive') ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') throw new AwsError('InvalidArgument', 'Unknown metadata directive.');
  const same = bucket === request.bucket && key === request.key;
  if (same && directive === 'COPY') {
    throw new AwsError(
      'InvalidRequest',
      'This copy request is illegal because it is trying to copy an object to itself without changing its metadata.',
    );
  }
  folder.path(request.bucket, request.key);
  const head = await folder.copy(
    { bucket, key },
    { bucket: request.bucket, key: request.key },
    directive === 'REPLACE' ? objectHeaders(request) : undefined,
  );
  return { xml: ['CopyObjectResult', { LastModified: head.lastModified.toISOString(), ETag: head.etag, ...checksumElement(head.checksum) }] };
}

const MAX_DELETES = 1000;

async function deleteObjects(request: S3Request, state: S3State): Promise<S3Answer> {
  state.folder.bucket(request.bucket);
  if (header(request, 'content-md5') === undefined && header(request, 'x-amz-trailer') === undefined && !givenChecksum(request)) {
    throw new AwsError('InvalidRequest', 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  }
  const body = readXml(await xmlBody(request, state));
  const objects = body.children.filter((child) => child.name === 'Object');
  if (body.name !== 'Delete' || objects.length === 0 || objects.length > MAX_DELETES) {
    throw new AwsError('MalformedXML', `DeleteObjects takes 1 to ${MAX_DELETES} objects`);
  }
  const unknown = objects.flatMap((object) => object.children).find((child) => child.name !== 'Key');
  if (unknown) throw notEmulated(`${unknown.name} in DeleteObjects`);
  const deleted: Xml[] = [];
  const errors: Xml[] = [];
  for (const object of objects) {
    const key = childText(object, 'Key') ?? '';
    try {
      state.folder.delete(request.bucket, key);
      deleted.push({ Key: key });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      errors.push({ Key: key, Code: error.code, Message: error.message });
    }
  }
  return { xml: ['DeleteResult', { Deleted: childText(body, 'Quiet') === 'true' ? [] : deleted, Error: errors }] };
}

function listObjectsV2(request: S3Request, { folder }: S3State): S3Answer {
  const { query, bucket } = request;
  if (query.get('fetch-owner') === 'true') throw notEmulated('fetch-owner of ListObjectsV2');
  const encode = encoderFor(request);
  const text = (name: string): string | undefined => query.get(name) ?? undefined;
  const prefix = text('prefix') ?? '';
  const options = { prefix, delimiter: text('delimiter'), startAfter: text('start-after'), continuationToken: text('continuation-token') };
  const page = listObjects(folder, { bucket, ...options, maxKeys: numberOf(request, 'max-keys') });
  return {
    xml: [
      'ListBucketResult',
      {
        Name: bucket,
        Prefix: encode(prefix),
        Delimiter: options.delimiter && encode(options.delimiter),
        StartAfter: options.startAfter && encode(options.startAfter),
        ContinuationToken: options.continuationToken,
        NextContinuationToken: page.nextContinuationToken,
        MaxKeys: page.maxKeys,
        EncodingType: text('encoding-type'),
        KeyCount: page.keys.length + page.commonPrefixes.length,
        IsTruncated: page.nextContinuationToken !== undefined,
        Contents: page.keys.map((key) => contents(folder.head(bucket, key), encode)),
        CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: encode(common) })),
      },
    ],
  };
}

const contents = (head: ObjectHead, encode: (text: string) => string): Xml => ({
  Key: encode(head.key),
  LastModified: head.lastModified.toISOString(),
  ETag: head.etag,
  ChecksumAlgorithm: head.checksum?.algorithm,
  ChecksumType: head.checksum?.type,
  Size: head.size,
  StorageClass: 'STANDARD',
});

const READ_CONDITIONS = ['if-match', 'if-none-match'];

/** What this S3 does, by the names of its API. */
export const OPERATIONS: Readonly<Record<string, S3Operation>> = {
  CreateBucket: {
    run: ({ bucket }, { folder }) => {
      folder.createBucket(bucket);
      return { headers: { location: `/${bucket}` } };
    },
  },
  HeadBucket: {
    run: ({ bucket }, { folder }) => {
      folder.bucket(bucket);
      return {};
    },
  },
  PutObject: { conditions: READ_CONDITIONS, run: putObject },
  CopyObject: { run: copyObject },
  GetObject: {
    conditions: READ_CONDITIONS,
    run: async (request, { folder }, response) => {
      await sendObject(request, folder, response);
      return undefined;
    },
  },
  HeadObject: {
    conditions: READ_CONDITIONS,
    run: async (request, { folder }, response) => {
      await sendObject(request, folder, response);
      return undefined;
    },
  },
  DeleteObject: {
    run: ({ bucket, key }, { folder }) => {
      folder.delete(bucket, key);
      return { status: 204 };
    },
  },
  DeleteObjects: { query: ['delete'], run: deleteObjects },
  ListObjectsV2: {
    query: ['list-type', 'prefix', 'delimiter', 'start-after', 'continuation-token', 'max-keys', 'encoding-type', 'fetch-owner'],
    run: listObjectsV2,
  },
  ...MULTIPART_OPERATIONS,
};
