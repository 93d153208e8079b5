import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { WorkerType } from 'aws-cdk-lib/aws-glue';
import { Key } from 'aws-cdk-lib/aws-kms';
import { GlueParquet, type GlueParquetProps, LambdaClean, RdsExtract } from '../../lib';
import { aslOf } from '../../lib/testing';
import { testStack } from '../support/app';
import { existing } from '../support/existing';
import { expectGolden, ofStep } from '../support/golden';
import { grantsOf } from '../support/grants';
import { pipelineOf, synthErrors } from '../support/stacks';

function converted(props: GlueParquetProps = {}): Stack {
  const stack = testStack();
  const extract = new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'sales.orders' });
  pipelineOf(stack, extract.next(new LambdaClean(stack, 'Clean')).next(new GlueParquet(stack, 'Parquet', props)));
  return stack;
}

test('has the states of its golden file', () => {
  const stack = converted({ partitionBy: ['order_date', 'country'] });
  expect(synthErrors(stack)).toBe('');
  expectGolden('glue-parquet', ofStep(aslOf(stack), 'Parquet'));
});

test('the machine waits for the job, longer than Glue lets it run', () => {
  expect(aslOf(converted({ timeout: Duration.minutes(30) })).States['Parquet: Convert']).toMatchObject({
    Resource: expect.stringMatching(/glue:startJobRun\.sync$/),
    TimeoutSeconds: 1800 + 600,
  });
});

test('only the state machine retries', () => {
  Template.fromStack(converted()).hasResourceProperties('AWS::Glue::Job', { MaxRetries: 0, ExecutionProperty: { MaxConcurrentRuns: 3 } });
});

test('the version of Glue is pinned, and a run is bounded and small', () => {
  Template.fromStack(converted()).hasResourceProperties('AWS::Glue::Job', {
    GlueVersion: '5.1',
    Timeout: 60,
    WorkerType: 'G.1X',
    NumberOfWorkers: 2,
    DefaultArguments: Match.objectLike({ '--enable-auto-scaling': 'true' }),
  });
  Template.fromStack(converted({ workers: 10, workerType: WorkerType.G_2X })).hasResourceProperties('AWS::Glue::Job', {
    WorkerType: 'G.2X',
    NumberOfWorkers: 10,
  });
});

test('without partitions the job gets no argument for them', () => {
  expect(JSON.stringify(aslOf(converted()).States['Parquet: Convert'])).not.toContain('partition_by');
});

test('the machine may start, see and stop this job only, and reads only what is on its way', () => {
  const job = 'arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:job/<ParquetJob>';
  expect(grantsOf(converted(), 'PipelineStateMachineRole')).toEqual(
    expect.arrayContaining([
      `glue:StartJobRun: ${job}`,
      `glue:GetJobRun: ${job}`,
      `glue:GetJobRuns: ${job}`,
      `glue:BatchStopJobRun: ${job}`,
      's3:GetObject: <DataPipelineBucket.Arn>/work/*',
    ]),
  );
});

test('the job reads, writes and moves what is on its way, and nothing else of the bucket', () => {
  const objects = grantsOf(converted(), 'ParquetJobRole').filter((grant) => /^s3:/.test(grant) && !grant.includes('cdk-hnb659fds'));
  expect(objects).toEqual([
    's3:AbortMultipartUpload: <DataPipelineBucket.Arn>/work/*',
    's3:DeleteObject: <DataPipelineBucket.Arn>/work/*',
    's3:GetObject: <DataPipelineBucket.Arn>/work/*',
    's3:ListBucket: <DataPipelineBucket.Arn>',
    's3:PutObject: <DataPipelineBucket.Arn>/work/*',
  ]);
});

test('the logs are encrypted with a key of your own', () => {
  const stack = testStack();
  const parquet = new GlueParquet(stack, 'Parquet', { encryptionKey: new Key(stack, 'Key') });
  expect(parquet.job).toBeDefined();
  Template.fromStack(stack).hasResourceProperties('AWS::Glue::SecurityConfiguration', {
    EncryptionConfiguration: Match.objectLike({ CloudWatchEncryption: Match.objectLike({ CloudWatchEncryptionMode: 'SSE-KMS' }) }),
  });
});

test('fails when it has too few workers', () => {
  expect(() => converted({ workers: 1 })).toThrow('[Test/Parquet] workers must be a whole number of at least 2, got 1');
});

test('fails when it is fed rows that were not cleaned', () => {
  const stack = testStack();
  const extract = new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'sales.orders' });
  pipelineOf(stack, extract.next(new GlueParquet(stack, 'Parquet')));
  expect(synthErrors(stack)).toMatch(/step 'Parquet' reads jsonl, but gets copy-text from step 'Extract'; put LambdaClean before it/);
});
