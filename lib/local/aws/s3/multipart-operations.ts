import { AwsError, notEmulated } from '../error';
import { childText, readXml } from '../xml';
import { algorithmOf } from './checksum';
import type { ObjectHead } from './folder';
import { MultipartUploads, type PartReference } from './multipart';
import { checksumElement, numberOf, type S3Answer, type S3Operation, type S3State, xmlBody } from './operation';
import { checksumHeader, givenChecksum, header, objectHeaders, receive, type S3Request, writeCondition } from './request';

const MAX_LISTED = 1000;

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
  const told = algorithm ?? upload.algorithm;
  return { headers: { etag: part.etag, ...(told && { [checksumHeader(told)]: staged.checksums[told]! }) } };
}

async function completeMultipartUpload(request: S3Request, state: S3State): Promise<S3Answer> {
  const before = state.uploads.completedAs(request.bucket, request.key, request.query.get('uploadId')!);
  if (before) return completed(request, before);
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
  return completed(request, head);
}

function completed({ bucket: Bucket, key: Key }: S3Request, head: ObjectHead): S3Answer {
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

/** Uploads in parts, by the names of the API. */
export const MULTIPART_OPERATIONS: Readonly<Record<string, S3Operation>> = {
  CreateMultipartUpload: { query: ['uploads'], run: createMultipartUpload },
  UploadPart: { query: ['uploadId', 'partNumber'], run: uploadPart },
  CompleteMultipartUpload: { query: ['uploadId'], conditions: ['if-match', 'if-none-match'], run: completeMultipartUpload },
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
