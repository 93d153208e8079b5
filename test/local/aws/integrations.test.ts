import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TaskError } from '../../../lib/engine';
import { awsIntegrations } from '../../../lib/local/aws/integrations';
import { rejection, startTestAws, type TestAws } from './support';

const TOPIC = 'arn:aws:sns:us-east-1:111122223333:alerts';
const never = new AbortController().signal;
let aws: TestAws;
let integrations: ReturnType<typeof awsIntegrations>;

const call = async (name: string, args: Record<string, unknown>) => (await integrations[name]!(args, never)) as Record<string, unknown>;
const failure = async (name: string, args: Record<string, unknown>) => {
  const error = await rejection(call(name, args));
  expect(error).toBeInstanceOf(TaskError);
  return error as TaskError;
};
const put = (Key: string, Body: unknown, more: object = {}) => call('aws-sdk:s3:putObject', { Bucket: 'lake', Key, Body, ...more });
const get = (Key: string) => call('aws-sdk:s3:getObject', { Bucket: 'lake', Key });

beforeAll(async () => {
  aws = await startTestAws({ topics: [TOPIC] });
  integrations = awsIntegrations(aws);
  await aws.dynamodb('CreateTable', {
    TableName: 'marks',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
});
afterAll(() => aws.close());

test('Secrets Manager is no integration: secrets never travel in state', () => {
  expect(Object.keys(integrations).sort()).toEqual([
    'aws-sdk:s3:getObject',
    'aws-sdk:s3:headObject',
    'aws-sdk:s3:listObjectsV2',
    'aws-sdk:s3:putObject',
    'dynamodb:deleteItem',
    'dynamodb:getItem',
    'dynamodb:putItem',
    'dynamodb:updateItem',
    'sns:publish',
  ]);
});

describe('S3', () => {
  test('an object that is put as JSON or text is read as text, with its description', async () => {
    expect(await put('a.json', { entries: [1] }, { ContentType: 'application/json', Metadata: { Run: '7' } })).toMatchObject({
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
    const answer = await get('a.json');
    expect(answer).toMatchObject({ Body: '{"entries":[1]}', ContentLength: 15, ContentType: 'application/json', Metadata: { run: '7' } });
    expect(answer.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(answer.LastModified).toMatch(/^\d{4}-.*Z$/);
    await put('text', 'ü "quoted"');
    expect(await get('text')).toMatchObject({ Body: 'ü "quoted"' });
    expect(readFileSync(join(aws.root, 's3/lake/text'), 'utf8')).toBe('ü "quoted"');
    const { Body, ...description } = await get('text');
    expect(await call('aws-sdk:s3:headObject', { Bucket: 'lake', Key: 'text' })).toEqual(description);
  });

  test('a listing leaves out what it has not', async () => {
    await put('list/1', 'x');
    await put('list/2', 'x');
    expect(await call('aws-sdk:s3:listObjectsV2', { Bucket: 'lake', Prefix: 'list/', MaxKeys: 1 })).toMatchObject({
      Contents: [{ Key: 'list/1', Size: 1 }],
      IsTruncated: true,
      KeyCount: 1,
      NextContinuationToken: expect.any(String),
    });
    const none = await call('aws-sdk:s3:listObjectsV2', { Bucket: 'lake', Prefix: 'none/' });
    expect(none).toEqual({ IsTruncated: false, KeyCount: 0, MaxKeys: 1000, Name: 'lake', Prefix: 'none/' });
  });

  test('errors have the names of the service', async () => {
    expect(await failure('aws-sdk:s3:getObject', { Bucket: 'lake', Key: 'nothing' })).toMatchObject({
      error: 'S3.NoSuchKeyException',
      cause: expect.stringMatching(/^The specified key does not exist\. \(Service: S3, Status Code: 404, Request ID: [0-9a-f-]{36}\)$/),
    });
    expect((await failure('aws-sdk:s3:headObject', { Bucket: 'nowhere', Key: 'a' })).error).toBe('S3.NoSuchBucketException');
    expect((await failure('aws-sdk:s3:putObject', { Bucket: 'lake', Key: 'k'.repeat(1025) })).error).toBe('S3.S3Exception');
  });

  test('what no state can hold is refused before it is read', async () => {
    await put('fits', 'x'.repeat(256 * 1024));
    expect((await get('fits')).ContentLength).toBe(256 * 1024);
    await put('large', 'x'.repeat(256 * 1024 + 1));
    expect((await failure('aws-sdk:s3:getObject', { Bucket: 'lake', Key: 'large' })).error).toBe('States.DataLimitExceeded');
    const staged = await aws.s3.stage([Buffer.from('1f8b08', 'hex')] as never);
    aws.s3.publish('lake', 'gzip', staged, { etag: '""', headers: {} });
    expect(await failure('aws-sdk:s3:getObject', { Bucket: 'lake', Key: 'gzip' })).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('not UTF-8'),
    });
  });
});

describe('DynamoDB', () => {
  const Key = { id: { S: 'orders' } };

  test('items are written, read, changed and deleted, with the metadata of the optimized integration', async () => {
    const metadata = { SdkHttpMetadata: { HttpStatusCode: 200 }, SdkResponseMetadata: { RequestId: expect.any(String) } };
    expect(await call('dynamodb:putItem', { TableName: 'marks', Item: { ...Key, high: { N: '1' } } })).toMatchObject(metadata);
    expect(await call('dynamodb:getItem', { TableName: 'marks', Key, ConsistentRead: true })).toMatchObject({
      Item: { ...Key, high: { N: '1' } },
      ...metadata,
    });
    const update = {
      TableName: 'marks',
      Key,
      UpdateExpression: 'SET high = :h',
      ExpressionAttributeValues: { ':h': { N: '2' } },
      ReturnValues: 'UPDATED_NEW',
    };
    expect(await call('dynamodb:updateItem', update)).toMatchObject({ Attributes: { high: { N: '2' } } });
    await call('dynamodb:deleteItem', { TableName: 'marks', Key });
    expect(await call('dynamodb:getItem', { TableName: 'marks', Key })).not.toHaveProperty('Item');
  });

  test('errors have the names of the service', async () => {
    const conditional = { TableName: 'marks', Item: Key, ConditionExpression: 'attribute_exists(id)' };
    expect((await failure('dynamodb:putItem', conditional)).error).toBe('DynamoDB.ConditionalCheckFailedException');
    expect((await failure('dynamodb:getItem', { TableName: 'none', Key })).error).toBe('DynamoDB.ResourceNotFoundException');
    expect((await failure('dynamodb:getItem', { TableName: 'marks', Key: { wrong: { S: 'x' } } })).error).toBe('DynamoDB.AmazonDynamoDBException');
  });
});

describe('SNS', () => {
  test('a message that is not text is sent as JSON', async () => {
    const MessageAttributes = { step: { DataType: 'String', StringValue: 'Load' } };
    const answer = await call('sns:publish', { TopicArn: TOPIC, Subject: 'done', Message: { rows: 3 }, MessageAttributes });
    expect(answer).toMatchObject({ MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/), SdkHttpMetadata: { HttpStatusCode: 200 } });
    const line = JSON.parse(readFileSync(join(aws.root, 'sns.jsonl'), 'utf8').trim());
    expect(line).toMatchObject({
      messageId: answer.MessageId,
      topicArn: TOPIC,
      subject: 'done',
      message: '{"rows":3}',
      attributes: { step: 'Load' },
    });
  });

  test('errors have the names of the service', async () => {
    expect((await failure('sns:publish', { TopicArn: `${TOPIC}-other`, Message: 'x' })).error).toBe('SNS.NotFoundException');
    expect((await failure('sns:publish', { TopicArn: TOPIC, Message: 'x', Subject: 'a\nb' })).error).toBe('SNS.InvalidParameterException');
  });
});

test('what is not emulated is no error that a state could retry', async () => {
  for (const [name, args] of [
    ['aws-sdk:s3:putObject', { Bucket: 'lake', Key: 'a/../b' }],
    ['sns:publish', { Message: 'x' }],
  ] as const) {
    expect(await failure(name, args)).toMatchObject({ error: 'States.Runtime', cause: expect.stringContaining('does not emulate') });
  }
});

test.each([
  ['aws-sdk:s3:getObject', { Bucket: 'lake', Key: 'a', Foo: 1 }, 'The field "Foo" is not supported by Step Functions, or not emulated locally'],
  ['dynamodb:getItem', { TableName: 'marks', Key: {}, Bar: 1 }, 'The field "Bar" is not supported by Step Functions, or not emulated locally'],
  ['sns:publish', { TopicArn: TOPIC, Message: 'x', message: 'y' }, 'The field "message" is not supported by Step Functions, or not emulated locally'],
  ['sns:publish', { TopicArn: TOPIC }, 'The field "Message" is required but was missing'],
  ['aws-sdk:s3:putObject', {}, 'The field "Bucket", "Key" is required but was missing'],
])('%s with %j is refused', async (name, args, cause) => {
  expect(await failure(name, args)).toMatchObject({ error: 'States.Runtime', cause });
});
