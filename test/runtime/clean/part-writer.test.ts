import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { s3Service } from '../../../lib/local/aws/s3';
import { S3Folder } from '../../../lib/local/aws/s3/folder';
import { PartWriter } from '../../../lib/runtime/clean/part-writer';
import { failure } from './support';

const REFUSED_AFTER_MS = 500;

const folder = mkdtempSync(path.join(tmpdir(), 'part-writer-'));
const s3 = new S3Folder(folder);
const service = s3Service(s3);
/** S3 on a folder that thinks for a while over the parts of keys called refused, and then takes none. */
const server = createServer((request, response) => {
  if (!/refused.*partNumber/.test(request.url!)) return void service(request, response);
  setTimeout(() => request.resume().on('end', () => response.writeHead(403).end()), REFUSED_AFTER_MS);
});

beforeAll(async () => {
  s3.createBucket('lake');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_MAX_ATTEMPTS: '1',
  });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  rmSync(folder, { recursive: true, force: true });
});

function write(writer: PartWriter, line: Buffer): void {
  writer.line(line.length, (buffer, at) => at + line.copy(buffer, at));
}

/** Lines that do not compress, so that compressing takes longer than writing. */
const lines = (count: number, bytes: number) => Array.from({ length: count }, () => Buffer.from(randomBytes(bytes).toString('hex')));

test('lines written while others are compressed do not touch them', async () => {
  const writer = new PartWriter('s3://lake/good');
  const all = lines(200, 60_000);
  for (const [at, line] of all.entries()) {
    write(writer, line);
    if (at % 3 === 0) await writer.flush();
  }

  const entry = await writer.close();

  const body = readFileSync(s3.path('lake', 'good'));
  expect(entry).toEqual({ url: 's3://lake/good', mandatory: true, meta: { content_length: body.length, record_count: 200 } });
  const read = gunzipSync(body).toString().split('\n');
  expect(read.findIndex((line, at) => line !== (all[at]?.toString() ?? ''))).toBe(-1);
});

test('a line larger than the buffer is written whole', async () => {
  const writer = new PartWriter('s3://lake/large');
  const all = [Buffer.from('small'), ...lines(1, 400_000), Buffer.from('small too')];
  for (const line of all) write(writer, line);
  await writer.close();

  expect(gunzipSync(readFileSync(s3.path('lake', 'large'))).equals(Buffer.from(`${all.join('\n')}\n`))).toBe(true);
});

test('an upload that is refused while the writer waits for it ends the waiting', async () => {
  const writer = new PartWriter('s3://lake/refused');
  const line = lines(1, 120_000)[0]!;

  const endless = async () => {
    for (;;) {
      write(writer, line);
      await writer.flush();
    }
  };

  expect((await failure(endless())).name).toMatch(/Forbidden|Unknown|403/);
}, 20_000);
