import type { ServerResponse } from 'node:http';
import { AwsError, notEmulated } from '../error';
import { childText, readXml, type Xml } from '../xml';
import { type Algorithm, algorithmOf } from './checksum';
import type { Checksum, ObjectHead, S3Folder } from './folder';
import { checksumHeaders, sendObject } from './get';
import { listObjects } from './list';
import { MultipartUploads, type PartReference } from './multipart';
import { givenChecksum, header, objectHeaders, receive, type S3Request, writeCondition } from './request';

/** What an operation works on. */
export interface S3State {
  readonly folder: S3Folder;
  readonly uploads: MultipartUploads;
}

/** An answer without a body, or with one XML document. */
export interface S3Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly xml?: readonly [root: string, content: Xml];
}

/** An operation: which query parameters and conditions it understands, and what it does. One that writes its answer itself returns nothing. */
export interface S3Operation {
  readonly query?: readonly string[];
  readonly conditions?: readonly string[];
  readonly run: (request: S3Request, state: S3State, response: ServerResponse) => Promise<S3Answer | undefined> | S3Answer | undefined;
}

const encoderFor = (request: S3Request): ((text: string) => string) => {
  const type = request.query.get('encoding-type');
  if (type === null) return (text) => text;
  if (type !== 'url') throw new AwsError('InvalidArgument', 'Invalid Encoding Method specified in Request');
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+');
};

const numberOf = (request: S3Request, name: string): number | undefined => {
  const text = request.query.get(name);
  if (text !== null && !/^\d+$/.test(text)) throw new AwsError('InvalidArgument', `Provided ${name} not an integer or within integer range`);
  return text === null ? undefined : Number(text);
};

const checksumElement = (checksum: Checksum | undefined): Record<string, Xml> =>
  checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};

/** The body of a small XML request, verified as any body is. */
async function xmlBody(request: S3Request, { folder }: S3State): Promise<string> {
  const { staged } = await receive(request, folder);
  try {
    return await folder.readStaged(staged);
  } finally {
    await folder.discard(staged);
  }
}

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

function createMultipartUpload(request: S3Request, { uploads }: S3State): S3Answer {
  const { bucket, key } = request;
  const name = header(request, 'x-amz-checksum-algorithm');
  const algorithm = name === undefined ? undefined : algorithmOf(name);
  const type = (header(request, 'x-amz-checksum-type') ?? 'COMPOSITE').toUpperCase();
  if (type !== 'COMPOSITE' && (type !== 'FULL_OBJECT' || !algorithm?.startsWith('CRC'))) {
    throw new AwsError('InvalidRequest', `The ${type} checksum type cannot be used with the ${algorithm ?? 'absent'} checksum algorithm.`);
  }
  const upload = uploads.create({ bucket, key, headers: objectHeaders(request), ...(algorithm && { algorithm, checksumType: type }) });
  return {
    headers: algorithm ? { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': type } : {},
    xml: ['InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: upload.id }],
  };
}

const uploadOf = (request: S3Request, { uploads }: S3State): ReturnType<MultipartUploads['get']> =>
  uploads.get(request.bucket, request.key, request.query.get('uploadId')!);

async function uploadPart(request: S3Request, state: S3State): Promise<S3Answer> {
  const upload = uploadOf(request, state);
  const number = MultipartUploads.partNumber(request.query.get('partNumber'));
  const { staged, algorithm } = await receive(request, state.folder, upload.algorithm);
  const part = state.uploads.putPart(upload, number, staged);
  const told: Algorithm | undefined = algorithm ?? upload.algorithm;
  return { headers: { etag: part.etag, ...(told && { [`x-amz-checksum-${told.toLowerCase()}`]: staged.checksums[told]! }) } };
}

async function completeMultipartUpload(request: S3Request, state: S3State): Promise<S3Answer> {
  const upload = uploadOf(request, state);
  const condition = writeCondition(request);
  const size = header(request, 'x-amz-mp-object-size');
  const checksum = givenChecksum(request);
  const text = await xmlBody({ ...request, headers: withoutObjectChecksum(request) }, state);
  const body = readXml(text);
  if (body.name !== 'CompleteMultipartUpload') throw new AwsError('MalformedXML', 'The XML you provided was not well-formed');
  const parts = body.children
    .filter((child) => child.name === 'Part')
    .map(
      (part): PartReference => ({
        number: MultipartUploads.partNumber(childText(part, 'PartNumber') ?? null),
        etag: childText(part, 'ETag') ?? '',
        checksum: upload.algorithm && childText(part, `Checksum${upload.algorithm}`),
      }),
    );
  const head = await state.uploads.complete(upload, parts, {
    ...condition,
    ...(size !== undefined && { size: Number(size) }),
    ...(checksum && { checksum: checksum.value }),
  });
  const { bucket: Bucket, key: Key } = request;
  const result = { Location: `/${Bucket}/${Key}`, Bucket, Key, ETag: head.etag, ...checksumElement(head.checksum) };
  return { xml: ['CompleteMultipartUploadResult', result] };
}

/** On this one operation the checksum header is that of the object, not that of the body. */
const withoutObjectChecksum = (request: S3Request): S3Request['headers'] =>
  Object.fromEntries(Object.entries(request.headers).filter(([name]) => !/^x-amz-checksum-(crc32|crc32c|sha1|sha256)$/.test(name)));

function listParts(request: S3Request, state: S3State): S3Answer {
  const upload = uploadOf(request, state);
  const marker = numberOf(request, 'part-number-marker') ?? 0;
  const most = Math.min(numberOf(request, 'max-parts') ?? MAX_LISTED, MAX_LISTED);
  const rest = state.uploads.parts(upload).filter((part) => part.number > marker);
  const page = rest.slice(0, most);
  return {
    xml: [
      'ListPartsResult',
      {
        Bucket: upload.bucket,
        Key: upload.key,
        UploadId: upload.id,
        StorageClass: 'STANDARD',
        PartNumberMarker: marker,
        NextPartNumberMarker: page.at(-1)?.number,
        MaxParts: most,
        IsTruncated: page.length < rest.length,
        ChecksumAlgorithm: upload.algorithm,
        ChecksumType: upload.checksumType,
        Part: page.map((part) => ({
          PartNumber: part.number,
          LastModified: part.lastModified,
          ETag: part.etag,
          Size: part.size,
          ...(upload.algorithm && { [`Checksum${upload.algorithm}`]: part.checksum }),
        })),
      },
    ],
  };
}

const MAX_LISTED = 1000;

function listMultipartUploads(request: S3Request, { uploads }: S3State): S3Answer {
  const prefix = request.query.get('prefix') ?? '';
  const all = uploads.list(request.bucket).filter((upload) => upload.key.startsWith(prefix));
  if (all.length > MAX_LISTED) throw notEmulated(`a listing of more than ${MAX_LISTED} multipart uploads`);
  return {
    xml: [
      'ListMultipartUploadsResult',
      {
        Bucket: request.bucket,
        Prefix: prefix,
        MaxUploads: MAX_LISTED,
        IsTruncated: false,
        Upload: all.map((upload) => ({ Key: upload.key, UploadId: upload.id, StorageClass: 'STANDARD', Initiated: upload.initiated })),
      },
    ],
  };
}

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
  CreateMultipartUpload: { query: ['uploads'], run: createMultipartUpload },
  UploadPart: { query: ['uploadId', 'partNumber'], run: uploadPart },
  CompleteMultipartUpload: { query: ['uploadId'], conditions: READ_CONDITIONS, run: completeMultipartUpload },
  AbortMultipartUpload: {
    query: ['uploadId'],
    run: async (request, state) => {
      await state.uploads.abort(uploadOf(request, state));
      return { status: 204 };
    },
  },
  ListParts: { query: ['uploadId', 'part-number-marker', 'max-parts'], run: listParts },
  ListMultipartUploads: { query: ['uploads', 'prefix'], run: listMultipartUploads },
};
