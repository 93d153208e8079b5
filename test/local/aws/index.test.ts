import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { startAws } from '../../../lib/local/aws';
import { codeOf, rejection, sdkDefaults, send, startTestAws, type TestAws } from './support';

let aws: TestAws;
beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());

test('listens on an address of this machine only, by its number', () => {
  expect(aws.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('refuses a JSON service that is not emulated, naming it and its operation', async () => {
  const client = new SFNClient({ ...sdkDefaults(aws.url), disableHostPrefix: true });
  const error = await rejection(client.send(new ListStateMachinesCommand()));
  expect(error).toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining("the service 'states' (operation AWSStepFunctions.ListStateMachines)"),
  });
  client.destroy();
});

test('refuses a query service that is not emulated', async () => {
  const answer = await send(aws, 'POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, 'Action=GetCallerIdentity', 'sts');
  expect([answer.status, codeOf(answer)]).toEqual([501, 'NotImplemented']);
  expect(answer.body.toString()).toContain("the service 'sts'");
});

test('refuses a request that is signed for no service', async () => {
  const status = await new Promise((resolve) => request(aws.url, { agent: false }, (response) => resolve(response.resume().statusCode)).end());
  expect(status).toBe(403);
});

test('objects, their metadata and begun uploads survive a restart, what was half written does not', async () => {
  const root = mkdtempSync(join(tmpdir(), 'aws-'));
  const first = await startAws({ root });
  first.s3.createBucket('lake');
  const client = new S3Client(sdkDefaults(first.url));
  await client.send(new PutObjectCommand({ Bucket: 'lake', Key: 'kept', Body: 'x', ContentType: 'text/plain' }));
  await client.send(new CreateMultipartUploadCommand({ Bucket: 'lake', Key: 'begun' }));
  client.destroy();
  writeFileSync(join(root, 's3/.tmp/half'), 'written');
  await first.close();
  const second = await startTestAws({ root });
  expect(second.s3.head('lake', 'kept')).toMatchObject({ size: 1, headers: { 'content-type': 'text/plain' } });
  expect((await second.client().send(new ListMultipartUploadsCommand({ Bucket: 'lake' }))).Uploads).toMatchObject([{ Key: 'begun' }]);
  expect(readdirSync(join(root, 's3/.tmp'))).toEqual([]);
  await second.close();
});
