import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AwsError, asAwsError, notEmulated } from '../error';
import { writeXml } from '../xml';
import type { S3Folder } from './folder';
import { MultipartUploads } from './multipart';
import type { S3Operation, S3State } from './operation';
import { OPERATIONS } from './operations';
import { header, parseS3Request, refuseUnknownHeaders, type S3Request } from './request';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

function objectOperation({ method, query, headers }: S3Request): string | undefined {
  const part = query.has('uploadId');
  if (method === 'PUT' && headers['x-amz-copy-source'] !== undefined) return part ? undefined : 'CopyObject';
  if (method === 'PUT') return part ? 'UploadPart' : 'PutObject';
  if (method === 'GET') return part ? 'ListParts' : 'GetObject';
  if (method === 'DELETE') return part ? 'AbortMultipartUpload' : 'DeleteObject';
  if (method === 'POST') return part ? 'CompleteMultipartUpload' : query.has('uploads') ? 'CreateMultipartUpload' : undefined;
  return method === 'HEAD' ? 'HeadObject' : undefined;
}

function bucketOperation({ method, query }: S3Request): string | undefined {
  if (method === 'GET' && query.has('uploads')) return 'ListMultipartUploads';
  if (method === 'GET' && query.get('list-type') === '2') return 'ListObjectsV2';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  if (method === 'PUT') return 'CreateBucket';
  return method === 'HEAD' ? 'HeadBucket' : undefined;
}

/** Finds the operation, or refuses what this S3 does not do: any query parameter or header that an operation does not understand, too. */
function operationOf(request: S3Request): S3Operation {
  const { method, bucket, key, query } = request;
  const level = bucket === '' ? 'the service' : key === '' ? 'a bucket' : 'an object';
  const name = bucket === '' ? undefined : key === '' ? bucketOperation(request) : objectOperation(request);
  const parameters = [...query.keys()].filter((parameter) => parameter !== 'x-id');
  const operation = name === undefined ? undefined : OPERATIONS[name];
  const unknown = parameters.filter((parameter) => !operation?.query?.includes(parameter));
  if (!operation || unknown.length > 0) {
    const asked = query.get('x-id') ?? `${method} on ${level}`;
    const of = header(request, 'x-amz-copy-source') === undefined ? '' : ' with x-amz-copy-source';
    throw notEmulated(`the S3 operation ${asked}${of}${unknown.length > 0 ? ` (query parameter '${unknown.join("', '")}')` : ''}`);
  }
  refuseUnknownHeaders(request, operation.conditions ?? []);
  return operation;
}

/** Answers S3's REST API, path style, from a folder. Signatures are not verified. */
export function s3Service(folder: S3Folder): (message: IncomingMessage, response: ServerResponse) => Promise<void> {
  const state: S3State = { folder, uploads: new MultipartUploads(folder) };
  return async (message, response) => {
    try {
      const request = parseS3Request(message);
      const answer = await operationOf(request).run(request, state, response);
      if (!answer) return;
      const body = answer.xml && writeXml(answer.xml[0], answer.xml[1], NAMESPACE);
      response.writeHead(answer.status ?? 200, { ...answer.headers, ...(body !== undefined && { 'content-type': 'application/xml' }) });
      response.end(body);
    } catch (error) {
      sendError(message, response, asAwsError(error, folder.folder));
    }
  };
}

function sendError(message: IncomingMessage, response: ServerResponse, error: AwsError): void {
  if (response.headersSent) {
    // The bytes so far may be wrong or too few: a broken connection is the only way left to say so.
    response.destroy();
    return;
  }
  const bodiless = message.method === 'HEAD' || error.status === 304;
  const body = bodiless
    ? undefined
    : writeXml('Error', { Code: error.code, Message: error.message, RequestId: response.getHeader('x-amz-request-id') as string });
  response.writeHead(error.status, { ...(body !== undefined && { 'content-type': 'application/xml' }) });
  response.end(body);
  // The client sends its next request on the same connection, behind what is left of this body.
  message.resume();
}
