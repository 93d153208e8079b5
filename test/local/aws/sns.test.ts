import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublishedMessage } from '../../../lib/local/aws';
import { codeOf, send, startTestAws, type TestAws } from './support';

const TOPIC = 'arn:aws:sns:us-east-1:111122223333:alerts';
const topics = new Set([TOPIC, `${TOPIC}.fifo`]);
const seen: PublishedMessage[] = [];
let aws: TestAws;

beforeAll(async () => {
  aws = await startTestAws({ topics, onPublish: (message) => seen.push(message) });
});
afterAll(() => aws.close());

/** A request of the query protocol, as every SDK sends it. */
const query = (fields: Record<string, string>) =>
  send(aws, 'POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams(fields).toString(), 'sns');

test('a message goes to the file and to the function, with subject and attributes', async () => {
  const answer = await query({
    Action: 'Publish',
    Version: '2010-03-31',
    TopicArn: TOPIC,
    Subject: 'Orders failed',
    Message: 'line 1\nline "2" ü & more',
    'MessageAttributes.entry.1.Name': 'step',
    'MessageAttributes.entry.1.Value.DataType': 'String',
    'MessageAttributes.entry.1.Value.StringValue': 'Load',
  });
  expect(answer.status).toBe(200);
  const id = /<PublishResult><MessageId>(.*?)<\/MessageId><\/PublishResult>/.exec(answer.body.toString())?.[1];
  const expected = { messageId: id, topicArn: TOPIC, subject: 'Orders failed', message: 'line 1\nline "2" ü & more', attributes: { step: 'Load' } };
  expect(seen.at(-1)).toMatchObject(expected);
  expect(JSON.parse(readFileSync(join(aws.root, 'sns.jsonl'), 'utf8').trim().split('\n').at(-1)!)).toEqual(seen.at(-1));
});

test('a topic that is added later is there', async () => {
  topics.add(`${TOPIC}-late`);
  await aws.topics.publish({ topicArn: `${TOPIC}-late`, message: 'x', subject: 'ü'.repeat(99) });
  expect(seen.at(-1)).toMatchObject({ topicArn: `${TOPIC}-late`, message: 'x' });
});

test.each([
  ['an unknown topic', { TopicArn: `${TOPIC}-other`, Message: 'x' }, 'NotFound'],
  ['an empty message', { TopicArn: TOPIC, Message: '' }, 'InvalidParameter'],
  ['a message over 256 KiB', { TopicArn: TOPIC, Message: 'ü'.repeat(128 * 1024 + 1) }, 'InvalidParameter'],
  ['a subject of 100 characters', { TopicArn: TOPIC, Message: 'x', Subject: 's'.repeat(100) }, 'InvalidParameter'],
  ['an empty subject', { TopicArn: TOPIC, Message: 'x', Subject: '' }, 'InvalidParameter'],
  ['a subject with a line break', { TopicArn: TOPIC, Message: 'x', Subject: 'a\nb' }, 'InvalidParameter'],
  ['a FIFO topic', { TopicArn: `${TOPIC}.fifo`, Message: 'x' }, 'NotImplemented'],
  ['a phone number', { PhoneNumber: '+1', Message: 'x' }, 'NotImplemented'],
  ['a message structure', { TopicArn: TOPIC, Message: '{"default":"x"}', MessageStructure: 'json' }, 'NotImplemented'],
])('%s is refused and goes nowhere', async (_, fields, code) => {
  const before = seen.length;
  expect(codeOf(await query({ Action: 'Publish', ...fields }))).toBe(code);
  expect(seen).toHaveLength(before);
});

test('another operation is refused by name', async () => {
  const answer = await query({ Action: 'CreateTopic' });
  expect(answer.status).toBe(501);
  expect(answer.body.toString()).toContain('does not emulate the SNS operation CreateTopic');
});
