import { Stack } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import {
  DefinitionBody,
  DistributedMap,
  type IItemReader,
  QueryLanguage,
  ResultWriterV2,
  S3JsonLItemReader,
  S3ObjectsItemReader,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { fail, prove, simulate } from '../../../lib/testing';
import { testApp } from '../../support/app';

const CONTEXT = { '@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2': true };

/** A Distributed Map of plain CDK, from a bucket of the stack to one that exists. */
function exporting(readerOf: (bucket: IBucket) => IItemReader): Stack {
  const app = testApp();
  for (const [key, value] of Object.entries(CONTEXT)) app.node.setContext(key, value);
  const stack = new Stack(app, 'Exporting');
  const fn = LambdaFunction.fromFunctionName(stack, 'Price', 'price');
  const call = LambdaInvoke.jsonata(stack, 'Call', { lambdaFunction: fn, outputs: '{% $states.result.Payload %}' });
  const results = Bucket.fromBucketName(stack, 'Results', 'results');
  const each = DistributedMap.jsonata(stack, 'Each', {
    itemReader: readerOf(new Bucket(stack, 'Orders')),
    resultWriterV2: new ResultWriterV2({ bucket: results, prefix: 'priced' }),
    maxConcurrency: 1,
  }).itemProcessor(call);
  new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromChainable(each), queryLanguage: QueryLanguage.JSONATA });
  return stack;
}

const lines = exporting((bucket) => new S3JsonLItemReader({ bucket, key: 'new.jsonl' }));
const handlers = { Call: ({ Payload }: { Payload: { id: number } }) => ({ Payload: { id: Payload.id, price: 10 * Payload.id } }) };
const objects = { 's3://Orders/new.jsonl': '{"id":1}\n{"id":2}\n' };

/** What a run wrote, without the id of its Map Run. */
function written(run: { objects: Readonly<Record<string, string>> }): Record<string, string> {
  const entries = Object.entries(run.objects).filter(([url]) => url.startsWith('s3://results/'));
  return Object.fromEntries(entries.map(([url, text]) => [url.replace(/priced\/[^/]+/, 'priced'), text]));
}

test('a Distributed Map reads the objects it is given, from a bucket called by its construct, and its results can be read', async () => {
  const run = await simulate(lines, { handlers, objects });
  expect(run.status).toBe('SUCCEEDED');
  const results = JSON.parse(written(run)['s3://results/priced/SUCCEEDED_0.json']!) as { Output: string }[];
  expect(results.map(({ Output }) => JSON.parse(Output))).toEqual([
    { id: 1, price: 10 },
    { id: 2, price: 20 },
  ]);
  expect(Object.keys(written(run))).toEqual(['s3://results/priced/SUCCEEDED_0.json', 's3://results/priced/manifest.json']);
});

test('the objects below a prefix are listed in the order of their keys, with their sizes', async () => {
  const stack = exporting((bucket) => new S3ObjectsItemReader({ bucket, prefix: 'in/' }));
  const seen: unknown[] = [];
  const listing = { Call: ({ Payload }: { Payload: { Key: string; Size: number } }) => ({ Payload: seen.push([Payload.Key, Payload.Size]) }) };
  const found = { 's3://Orders/in/b': new Uint8Array(3), 's3://Orders/in/a': { a: 1 }, 's3://Orders/out/c': '' };
  await simulate(stack, { handlers: listing, objects: found });
  expect(seen).toEqual([
    ['in/a', 7],
    ['in/b', 3],
  ]);
});

test('an object that is not there fails the reader, with what to write', async () => {
  const run = await simulate(lines, { handlers });
  expect([run.error, run.cause]).toEqual([
    'States.ItemReaderFailed',
    expect.stringMatching(/^no object s3:\/\/exporting-orders\w+\/new.jsonl is there; give it: simulate\(..., \{ objects: /),
  ]);
});

test.each([
  ['new.jsonl', "the object 'new.jsonl' must be called s3://bucket/key"],
  ['s3://bucket', "the object 's3://bucket' must be called s3://bucket/key"],
])('an object cannot be called %s', async (url, problem) => {
  await expect(simulate(lines, { handlers, objects: { [url]: '' } })).rejects.toThrow(problem);
});

test('a bucket whose name could be that of several is to be named in full', async () => {
  const stack = exporting((bucket) => new S3JsonLItemReader({ bucket, key: 'new.jsonl' }));
  new Bucket(stack, 'OrdersOfLastYear');
  await expect(simulate(stack, { handlers, objects })).rejects.toThrow(
    /'Orders' in 's3:\/\/Orders\/new.jsonl' could be any of the buckets Orders\w+, Orders/,
  );
});

test('the fault matrix runs on the objects, too', async () => {
  const { cases } = await prove(lines, { handlers, objects, states: ['Call'] });
  expect(cases[0]).toMatchObject({ fault: 'none', status: 'SUCCEEDED' });
  expect((await simulate(lines, { handlers, objects, faults: [fail('Call')] })).status).toBe('FAILED');
});
