import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Client } from 'pg';
import { s3Service } from '../../../lib/local/aws/s3';
import { S3Folder } from '../../../lib/local/aws/s3/folder';
import { clientConfig, type LocalPostgres, startPostgres } from '../../../lib/local/postgres';
import type { Dataset, ExtractEvent, Manifest } from '../../../lib/runtime/contract';
import { handler } from '../../../lib/runtime/extract';
import { parseS3Url } from '../../../lib/runtime/shared/s3';

/** A PostgreSQL with TLS, an S3 on a folder and a secret, with the environment that leads the extract handler to them. */
export interface World {
  readonly db: LocalPostgres;
  readonly admin: Client;
  readonly endpoint: string;
  /** What Secrets Manager answers; a test may change it. */
  secret: Record<string, unknown>;
  /** Answers an HTTP request in S3's place when it returns true. */
  intercept?: (method: string, url: string) => number | undefined;
  event(table: string, more?: Partial<ExtractEvent>): ExtractEvent;
  /** The uncompressed text of every part in the manifest's order. */
  parts(dataset: Dataset): string[];
  manifest(dataset: Dataset): Manifest;
  /** The bytes of an object as it lies in S3. */
  size(url: string): number;
  /** Every file under the bucket. */
  files(): string[];
  /** Multipart uploads begun and neither completed nor aborted. */
  openUploads(): Promise<number>;
  stop(): Promise<void>;
}

const BUCKET = 'lake';

export async function makeWorld(): Promise<World> {
  const folder = mkdtempSync(path.join(tmpdir(), 'extract-'));
  const db = await startPostgres({ dataDir: path.join(folder, 'pg'), tls: true });
  const admin = new Client(clientConfig(db));
  await admin.connect();
  const s3 = s3Service(new S3Folder(path.join(folder, 's3')));
  mkdirSync(path.join(folder, 's3', BUCKET), { recursive: true });

  let runs = 0;
  const server: Server = createServer((request, response) => {
    if (request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue') {
      request.resume().on('end', () => response.end(JSON.stringify({ ARN: 'arn', Name: 'db', SecretString: JSON.stringify(world.secret) })));
      return;
    }
    const status = world.intercept?.(request.method!, request.url!);
    if (status) {
      request.resume().on('end', () => response.writeHead(status).end());
      return;
    }
    void s3(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_MAX_ATTEMPTS: '2',
    SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:db',
    NODE_EXTRA_CA_CERTS: db.caFile,
  });

  const world: World = {
    db,
    admin,
    endpoint,
    secret: { username: db.user, password: db.password, host: db.host, port: db.port, dbname: db.database },
    event: (table, more) => ({
      name: table,
      table,
      output: { bucket: BUCKET, prefix: `orders/run-${++runs}/extract/0` },
      partBytes: 64 * 1024 * 1024,
      ...more,
    }),
    manifest(dataset) {
      const { bucket, key } = parseS3Url(dataset.manifest);
      return JSON.parse(readFileSync(path.join(folder, 's3', bucket, key), 'utf8'));
    },
    parts(dataset) {
      return world.manifest(dataset).entries.map((entry) => {
        const { bucket, key } = parseS3Url(entry.url);
        return gunzipSync(readFileSync(path.join(folder, 's3', bucket, key))).toString('utf8');
      });
    },
    size(url) {
      const { bucket, key } = parseS3Url(url);
      return statSync(path.join(folder, 's3', bucket, key)).size;
    },
    files: () =>
      readdirSync(path.join(folder, 's3', BUCKET), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(path.join(folder, 's3', BUCKET), path.join(entry.parentPath, entry.name))),
    async openUploads() {
      const answer = await fetch(`${endpoint}/${BUCKET}?uploads`);
      return (await answer.text()).split('<UploadId>').length - 1;
    },
    async stop() {
      await admin.end();
      await db.stop();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/** The rows of COPY text, NULL as null, escapes undone. */
export function rowsOf(text: string): (string | null)[][] {
  const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' };
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t').map((field) => (field === '\\N' ? null : field.replace(/\\(.)/g, (_, escaped) => escapes[escaped]!))));
}

/** The error that a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error: Error) => error,
  );
}

/** Invokes the handler until it is done, as the machine does, each time with so many milliseconds. */
export async function extract(event: ExtractEvent, ms = 900_000): Promise<Dataset> {
  for (let cursor = event.cursor; ; ) {
    const deadline = Date.now() + ms;
    const answer = await handler({ ...event, cursor }, { getRemainingTimeInMillis: () => deadline - Date.now() });
    if (!('done' in answer)) return answer;
    cursor = answer.cursor;
  }
}
