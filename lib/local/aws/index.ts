import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { callDynamoDb, openDynamoDb } from './dynamodb';
import { AwsError, notEmulated } from './error';
import { type Service, sendJsonError, serviceOf } from './http';
import { s3Service } from './s3';
import { S3Folder } from './s3/folder';
import { type Secrets, secretsManagerService } from './secrets-manager';
import { type PublishedMessage, snsService, Topics } from './sns';
import { writeXml } from './xml';

export { AwsError } from './error';
export type { ObjectHead, S3Folder } from './s3/folder';
export type { PublishedMessage } from './sns';

/** What a local AWS starts from. */
export interface LocalAwsOptions {
  /** The folder that holds everything: `s3/<bucket>/<key>`, `dynamodb`, `sns.jsonl`. One process at a time. */
  readonly root: string;
  /** By ARN or name; looked up at each call. */
  readonly secrets?: Secrets;
  /** ARNs of the topics that exist; looked up at each call. */
  readonly topics?: Iterable<string>;
  readonly onPublish?: (message: PublishedMessage) => void;
  /** Stands between clients and a service. @default - nothing does */
  readonly around?: (name: string, service: Service) => Service;
  /** @default us-east-1 */
  readonly region?: string;
  /** @default 0, which is any that is free */
  readonly port?: number;
}

/** A running local AWS. */
export interface LocalAws {
  /** `http://127.0.0.1:<port>`, what `AWS_ENDPOINT_URL` must be: with an IP address the S3 client uses path style by itself. */
  readonly url: string;
  /** The objects behind the endpoint, for code in this process: `createBucket`, `path` of an object's file, `head`, `stage` and `publish`. */
  readonly s3: S3Folder;
  readonly topics: Topics;
  /** Calls DynamoDB (`GetItem`, `CreateTable`, ...) with an input as the API takes it. Throws an {@link AwsError}. */
  dynamodb(operation: string, input: object): Promise<Record<string, unknown>>;
  /** Has requests signed for this service answered too, such as one that itself needs the endpoint. */
  mount(name: string, service: Service): void;
  close(): Promise<void>;
}

/** Starts S3, Secrets Manager, DynamoDB and SNS on one port of this machine. What they do not do, they refuse by name. */
export async function startAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { root, secrets = {}, topics: arns = [], onPublish = () => {}, around = (_, service) => service, region = 'us-east-1', port = 0 } = options;
  mkdirSync(root, { recursive: true });
  // First, because it finds out whether another process is at work in this folder.
  const tables = await openDynamoDb(join(root, 'dynamodb'));
  const s3 = new S3Folder(join(root, 's3'));
  const topics = new Topics(arns, join(root, 'sns.jsonl'), onPublish);
  const services: Record<string, Service> = {
    s3: s3Service(s3),
    secretsmanager: secretsManagerService(secrets, root),
    sns: snsService(topics, root),
    dynamodb: tables.service,
  };
  const server = createServer((message, response) => {
    response.setHeader('x-amz-request-id', randomUUID());
    const name = serviceOf(message);
    const service = name === undefined ? undefined : services[name];
    if (service) void around(name!, service)(message, response);
    else refuse(name, message, response);
  });
  // Uploads may be long, and a client under load may think for long: only a closed connection ends a request.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  } catch (error) {
    await tables.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} of 127.0.0.1 is in use; choose another, or 0 for any that is free`);
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    s3,
    topics,
    mount: (name, service) => {
      services[name] = service;
    },
    dynamodb: (operation, input) => callDynamoDb(url, region, operation, input),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await tables.close();
    },
  };
}

/** Which protocol an unknown service speaks cannot be known: JSON ones send a target or JSON. */
function refuse(name: string | undefined, message: IncomingMessage, response: ServerResponse): void {
  const target = message.headers['x-amz-target'];
  const error =
    name === undefined
      ? new AwsError('MissingAuthenticationToken', 'the request has no SigV4 authorization header, whose scope names the service', 403)
      : notEmulated(`the service '${name}' (operation ${target ?? `${message.method} ${message.url}`})`);
  if (target !== undefined || /json/.test(message.headers['content-type'] ?? '')) {
    sendJsonError(response, error);
  } else {
    response.writeHead(error.status, { 'content-type': 'text/xml', 'x-amzn-errortype': error.code });
    response.end(writeXml('ErrorResponse', { Error: { Type: 'Sender', Code: error.code, Message: error.message } }));
  }
}
