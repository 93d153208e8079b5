import { mkdtempSync, rmSync } from 'node:fs';
import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { type LocalAws, type LocalAwsOptions, startAws } from '../../../lib/local/aws';
import { unsignedAuthorization } from '../../../lib/local/aws/http';

export interface TestAws extends LocalAws {
  readonly root: string;
  /** An SDK client with its defaults. */
  client(config?: S3ClientConfig): S3Client;
}

export const sdkDefaults = (url: string) => ({ endpoint: url, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });

/** A local AWS on a folder of its own, with the bucket `lake`; closing it removes the folder. */
export async function startTestAws(options: Partial<LocalAwsOptions> = {}): Promise<TestAws> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'aws-'));
  const aws = await startAws({ ...options, root });
  aws.s3.createBucket('lake');
  const clients: S3Client[] = [];
  return {
    ...aws,
    root,
    client: (config) => {
      const client = new S3Client({ ...sdkDefaults(aws.url), ...config });
      clients.push(client);
      return client;
    },
    close: async () => {
      for (const client of clients) client.destroy();
      await aws.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request as it is: nothing is added but the scope that names the service. */
export function send(
  aws: LocalAws,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body?: Buffer | string,
  service = 's3',
  agent: Agent | false = false,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(aws.url);
    const authorization = unsignedAuthorization(service, 'us-east-1');
    const outgoing = request({ hostname, port, method, path, headers: { authorization, ...headers }, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The code of an error answered as XML. */
export const codeOf = (answer: RawAnswer): string | undefined => /<Code>(.*?)<\/Code>/.exec(answer.body.toString())?.[1];

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { $metadata?: { httpStatusCode?: number; attempts?: number } }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}
