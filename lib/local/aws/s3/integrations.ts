import { isUtf8 } from 'node:buffer';
import { closeSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { TaskError } from '../../../engine';
import type { AwsError } from '../error';
import { causeOf, type Integration, integration, textOf } from '../integration';
import type { ObjectHead, S3Folder } from './folder';
import { listObjects } from './list';

/** Longer than this no state's result may be; a larger object is refused before it is read. */
const MAX_RESULT_BYTES = 256 * 1024;

/** Errors that the S3 API models; all others come under the name of the SDK's client. */
const MODELED = new Set(['NoSuchKey', 'NoSuchBucket', 'NoSuchUpload', 'BucketAlreadyExists', 'InvalidObjectState', 'InvalidRequest']);

function errors(error: AwsError): TaskError {
  return new TaskError(MODELED.has(error.code) ? `S3.${error.code}Exception` : 'S3.S3Exception', causeOf('S3', error));
}

const describe = ({ size, etag, lastModified, headers }: ObjectHead): Record<string, unknown> => ({
  AcceptRanges: 'bytes',
  ContentLength: size,
  ContentType: headers['content-type'],
  ...(headers['content-encoding'] !== undefined && { ContentEncoding: headers['content-encoding'] }),
  ETag: etag,
  LastModified: lastModified.toISOString(),
  Metadata: Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), value]] : [])),
  ),
  ServerSideEncryption: 'AES256',
});

function getObject(folder: S3Folder, bucket: string, key: string): Record<string, unknown> {
  const { fd, head } = folder.open(bucket, key);
  try {
    if (head.size > MAX_RESULT_BYTES) {
      throw new TaskError('States.DataLimitExceeded', `the object has ${head.size} bytes; a state's result may have ${MAX_RESULT_BYTES}`);
    }
    const bytes = readFileSync(fd);
    if (!isUtf8(bytes)) throw new TaskError('States.Runtime', `the object '${key}' is not UTF-8 text; only text can be read into a state`);
    return { ...describe(head), Body: bytes.toString('utf8') };
  } finally {
    closeSync(fd);
  }
}

async function putObject(folder: S3Folder, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { Bucket, Key, Body, ContentType, Metadata = {} } = args;
  const staged = await folder.stage(Readable.from(args.Body === undefined ? [] : [Buffer.from(textOf(Body))]));
  const metadata = Object.entries(Metadata as Record<string, string>).map(([name, value]) => [`x-amz-meta-${name.toLowerCase()}`, value]);
  const headers = { 'content-type': String(ContentType ?? 'application/octet-stream'), ...Object.fromEntries(metadata) };
  const { etag } = folder.publish(String(Bucket), String(Key), staged, { etag: `"${staged.md5.toString('hex')}"`, headers });
  return { ETag: etag, ServerSideEncryption: 'AES256' };
}

function listObjectsV2(folder: S3Folder, args: Record<string, unknown>): Record<string, unknown> {
  const { Bucket, Prefix, Delimiter, StartAfter, ContinuationToken, MaxKeys } = args as Record<string, string | undefined>;
  const bucket = String(Bucket);
  const page = listObjects(folder, {
    bucket,
    prefix: Prefix,
    delimiter: Delimiter,
    startAfter: StartAfter,
    continuationToken: ContinuationToken,
    ...(MaxKeys !== undefined && { maxKeys: Number(MaxKeys) }),
  });
  const contents = page.keys.map((key) => {
    const { etag, lastModified, size } = folder.head(bucket, key);
    return { ETag: etag, Key: key, LastModified: lastModified.toISOString(), Size: size, StorageClass: 'STANDARD' };
  });
  return {
    ...(page.commonPrefixes.length > 0 && { CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: common })) }),
    ...(contents.length > 0 && { Contents: contents }),
    ...(Delimiter !== undefined && { Delimiter }),
    IsTruncated: page.nextContinuationToken !== undefined,
    KeyCount: page.keys.length + page.commonPrefixes.length,
    MaxKeys: page.maxKeys,
    Name: bucket,
    ...(page.nextContinuationToken !== undefined && { NextContinuationToken: page.nextContinuationToken }),
    Prefix: Prefix ?? '',
    ...(StartAfter !== undefined && { StartAfter }),
  };
}

const OBJECT = { required: ['Bucket', 'Key'], optional: ['ExpectedBucketOwner'] };

/** The S3 calls that a state machine makes itself, on the objects of a folder. */
export function s3Integrations(folder: S3Folder): Record<string, Integration> {
  const list = { required: ['Bucket'], optional: ['Prefix', 'Delimiter', 'StartAfter', 'ContinuationToken', 'MaxKeys', 'ExpectedBucketOwner'] };
  const put = { required: OBJECT.required, optional: [...OBJECT.optional, 'Body', 'ContentType', 'Metadata'] };
  return {
    'aws-sdk:s3:getObject': integration(OBJECT, ({ Bucket, Key }) => getObject(folder, String(Bucket), String(Key)), errors, folder.folder),
    'aws-sdk:s3:headObject': integration(OBJECT, ({ Bucket, Key }) => describe(folder.head(String(Bucket), String(Key))), errors, folder.folder),
    'aws-sdk:s3:putObject': integration(put, (args) => putObject(folder, args), errors, folder.folder),
    'aws-sdk:s3:listObjectsV2': integration(list, (args) => listObjectsV2(folder, args), errors, folder.folder),
  };
}
