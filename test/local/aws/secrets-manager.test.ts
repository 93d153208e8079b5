import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { rejection, sdkDefaults, startTestAws, type TestAws } from './support';

const ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:Stack-Db-1a2b3c';
const secrets: Record<string, object> = { [ARN]: { username: 'reader', password: 'p"ä' } };
let aws: TestAws;
let client: SecretsManagerClient;
const get = (SecretId: string, more: object = {}) => client.send(new GetSecretValueCommand({ SecretId, ...more }));

beforeAll(async () => {
  aws = await startTestAws({ secrets });
  client = new SecretsManagerClient(sdkDefaults(aws.url));
});
afterAll(async () => {
  client.destroy();
  await aws.close();
});

test('a secret is found by ARN and by name', async () => {
  for (const id of [ARN, 'Stack-Db']) {
    const answer = await get(id);
    expect(answer).toMatchObject({ ARN, Name: 'Stack-Db', VersionStages: ['AWSCURRENT'] });
    expect(JSON.parse(answer.SecretString!)).toEqual({ username: 'reader', password: 'p"ä' });
  }
});

test('a secret that is added later is there', async () => {
  secrets.later = { a: 1 };
  expect((await get('later')).SecretString).toBe('{"a":1}');
});

test('an unknown secret is not found, and no part of a name is one', async () => {
  for (const id of ['unknown', 'Stack', `${ARN}x`]) expect((await rejection(get(id))).name).toBe('ResourceNotFoundException');
});

test('other versions and other operations are refused', async () => {
  expect((await rejection(get(ARN, { VersionStage: 'AWSPREVIOUS' }))).message).toContain(
    'does not emulate a version of a secret other than AWSCURRENT',
  );
  expect((await rejection(client.send(new ListSecretsCommand()))).message).toContain('does not emulate the Secrets Manager operation ListSecrets');
});

test('secrets are written nowhere', async () => {
  await get(ARN);
  const files = readdirSync(aws.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(readFileSync(join(file.parentPath, file.name), 'latin1')).not.toContain('reader');
});
