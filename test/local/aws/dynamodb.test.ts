import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { AwsError, startAws } from '../../../lib/local/aws';
import { unsignedAuthorization } from '../../../lib/local/aws/http';
import { rejection, sdkDefaults } from './support';

const TABLE = {
  TableName: 'marks',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
};
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dynamodb-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('a watermark survives the process that wrote it', async () => {
  const first = await startAws({ root });
  await first.dynamodb('CreateTable', TABLE);
  await first.dynamodb('PutItem', { TableName: 'marks', Item: { id: { S: 'orders' }, high: { S: '2026-11-01' } } });
  await first.close();
  const second = await startAws({ root });
  expect(await second.dynamodb('GetItem', { TableName: 'marks', Key: { id: { S: 'orders' } } })).toEqual({
    Item: { id: { S: 'orders' }, high: { S: '2026-11-01' } },
  });
  await second.close();
});

test('the SDK finds its tables and conditions', async () => {
  const aws = await startAws({ root });
  await aws.dynamodb('CreateTable', TABLE);
  const client = new DynamoDBClient(sdkDefaults(aws.url));
  const Item = { id: { S: 'a' }, n: { N: '12345678901234567890' } };
  await client.send(new PutItemCommand({ TableName: 'marks', Item, ConditionExpression: 'attribute_not_exists(id)' }));
  const again = client.send(new PutItemCommand({ TableName: 'marks', Item, ConditionExpression: 'attribute_not_exists(id)' }));
  expect((await rejection(again)).name).toBe('ConditionalCheckFailedException');
  expect((await client.send(new GetItemCommand({ TableName: 'marks', Key: { id: { S: 'a' } } }))).Item).toEqual(Item);
  client.destroy();
  await aws.close();
});

test('an error has the code of the service', async () => {
  const aws = await startAws({ root });
  await aws.dynamodb('CreateTable', TABLE);
  const error = await rejection(aws.dynamodb('CreateTable', TABLE));
  expect(error).toBeInstanceOf(AwsError);
  expect(error).toMatchObject({ code: 'ResourceInUseException', status: 400 });
  expect(await rejection(aws.dynamodb('GetItem', { TableName: 'none', Key: { id: { S: 'a' } } }))).toMatchObject({
    code: 'ResourceNotFoundException',
  });
  await aws.close();
});

test('a client that goes away in the middle of a request ends nothing', async () => {
  const aws = await startAws({ root });
  const socket = connect(Number(new URL(aws.url).port), '127.0.0.1');
  const authorization = unsignedAuthorization('dynamodb', 'us-east-1');
  socket.write(
    `POST / HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\nx-amz-target: DynamoDB_20120810.ListTables\r\ncontent-length: 100\r\n\r\n{`,
  );
  await sleep(50);
  socket.destroy();
  await sleep(50);
  expect(await aws.dynamodb('ListTables', {})).toEqual({ TableNames: [] });
  await aws.close();
});

test('a folder serves one at a time, and says so', async () => {
  const aws = await startAws({ root });
  const message = `cannot open the tables in '${join(root, 'dynamodb')}': another run uses it; wait for it to end, or choose another folder`;
  await expect(startAws({ root })).rejects.toThrow(message);
  await aws.close();
  await (await startAws({ root })).close();
});
