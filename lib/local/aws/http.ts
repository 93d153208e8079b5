import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from './error';

/** Answers every request of one service. */
export type Service = (message: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The service that a request is signed for, as the credential scope of its signature says: `AKID/20261123/us-east-1/s3/aws4_request`. */
export function serviceOf(message: IncomingMessage): string | undefined {
  return /\bCredential=[^,\s]*\/\d{8}\/[^/,\s]+\/([^/,\s]+)\/aws4_request/.exec(message.headers.authorization ?? '')?.[1];
}

/** An authorization header that names a service and is signed by nobody, for calls within this process. */
export const unsignedAuthorization = (service: string, region: string): string =>
  `AWS4-HMAC-SHA256 Credential=local/20260101/${region}/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=local`;

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** A small request body as text. */
export async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new AwsError('RequestEntityTooLarge', `the request is larger than ${MAX_BODY_BYTES} bytes`, 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers JSON as the AWS JSON protocols do: version 1.1, unless the response says otherwise already. */
export function sendJson(response: ServerResponse, content: unknown, status = 200): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/x-amz-json-1.1');
  response.writeHead(status);
  response.end(JSON.stringify(content));
}

/** An error as the AWS JSON protocols answer it; the header is where the REST ones look. */
export function sendJsonError(response: ServerResponse, error: AwsError): void {
  response.setHeader('x-amzn-errortype', error.code);
  sendJson(response, { __type: error.code, message: error.message }, error.status);
}
