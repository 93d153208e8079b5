import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Incremental, LambdaClean, LoadMode, RdsExtract, type RdsExtractProps, RdsSource, RedshiftLoad } from '../../lib';
import { aslOf, simulate } from '../../lib/testing';
import { testStack } from '../support/app';
import { existing } from '../support/existing';
import { expectGolden, ofStep } from '../support/golden';
import { grantsOf } from '../support/grants';
import { pipelineOf, synthErrors } from '../support/stacks';

function extractOf(stack: Stack, props: Partial<RdsExtractProps> = {}): RdsExtract {
  return new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'sales.orders', ...props });
}

function payloadOf(stack: Stack) {
  return (aslOf(stack).States['Extract: Run']!.Arguments as { Payload: Record<string, unknown> }).Payload;
}

test('has the states of its golden file', () => {
  const stack = testStack();
  const extract = extractOf(stack, { incremental: Incremental.by('updated_at'), columns: ['id', 'updated_at'], excludeColumns: ['phone'] });
  pipelineOf(stack, extract.next(extract.commit()));
  expect(synthErrors(stack)).toBe('');
  expectGolden('rds-extract', ofStep(aslOf(stack), 'Extract'));
});

test('goes on with the function until it answers a dataset, and ends the run where nothing follows', async () => {
  const stack = testStack();
  pipelineOf(stack, extractOf(stack));
  expect(aslOf(stack).States['Extract: Done?']).toEqual({
    Type: 'Choice',
    Assign: { dataset: '{% $states.input %}' },
    Choices: [{ Condition: '{% $states.input.done = false %}', Next: 'Extract: Run' }],
    Default: 'Extract: Extracted',
  });
  const payloads: { cursor: unknown }[] = [];
  const cursor = (invocation: number) => ({ progress: 's3://lake/progress.json', invocation });
  const dataset = { name: 'sales.orders', format: 'copy-text' };
  const run = await simulate(stack, {
    handlers: {
      'Extract: Run': (args) => {
        payloads.push((args as { Payload: { cursor: unknown } }).Payload);
        return { Payload: payloads.length < 3 ? { done: false, cursor: cursor(payloads.length) } : dataset };
      },
    },
  });
  expect(payloads.map((payload) => payload.cursor)).toEqual([null, cursor(1), cursor(2)]);
  expect(run).toMatchObject({ status: 'SUCCEEDED', output: dataset });
  expect(synthErrors(stack)).toBe('');
});

test('extracts the whole table unless it is incremental, one run at a time all the same', () => {
  const stack = testStack();
  pipelineOf(stack, extractOf(stack));
  expect(aslOf(stack).States['Extract: Lock']).toMatchObject({ Next: 'Extract: Run' });
  expect(aslOf(stack).States['Extract: Lock']?.Assign).not.toHaveProperty('watermark');
  expect(payloadOf(stack)).not.toHaveProperty('incremental');
  Template.fromStack(stack).resourceCountIs('AWS::DynamoDB::GlobalTable', 1);
});

test('tells the function how many ranges to read side by side', () => {
  const stack = testStack();
  pipelineOf(stack, extractOf(stack, { ranges: 4 }));
  expect(payloadOf(stack)).toMatchObject({ ranges: 4 });
});

test('every try writes under a prefix of its own', () => {
  const stack = testStack();
  pipelineOf(stack, extractOf(stack));
  expect(payloadOf(stack).output).toEqual({
    bucket: expect.any(String),
    prefix: expect.stringMatching(/StateMachine.Name.*sales\.orders.*Execution.Name.*\/Extract\/.*RetryCount/),
  });
});

test('the window starts at the watermark and ends behind the clock of the database', () => {
  const stack = testStack();
  const extract = extractOf(stack, { incremental: Incremental.by('updated_at', { lag: Duration.minutes(2) }) });
  pipelineOf(stack, extract.next(extract.commit()));
  expect(payloadOf(stack).incremental).toMatchObject({ column: 'updated_at', low: expect.stringContaining(': $watermark %}'), lagSeconds: 120 });
  expect(aslOf(stack).States['Extract: Lock']).toMatchObject({ Arguments: { ReturnValues: 'ALL_NEW' }, Next: 'Extract: Run' });
});

test('by key, and with an overlap, the function is told so', () => {
  const sent = (incremental: Incremental) => {
    const stack = testStack();
    const extract = extractOf(stack, { incremental });
    pipelineOf(stack, extract.next(extract.commit()));
    return payloadOf(stack).incremental;
  };
  expect(sent(Incremental.byKey('id'))).toMatchObject({ column: 'id', kind: 'key', lagSeconds: 60 });
  expect(sent(Incremental.byKey('id', { overlap: 1000, wait: Duration.seconds(5) }))).toMatchObject({ kind: 'key', overlap: 1000, lagSeconds: 5 });
  expect(sent(Incremental.by('at', { overlap: Duration.hours(1) }))).toMatchObject({ column: 'at', lagSeconds: 300, overlap: 3600 });
  expect(() => Incremental.byKey('id', { overlap: -1 })).toThrow('Incremental.byKey: overlap is -1');
  expect(() => Incremental.byKey('')).toThrow('Incremental.byKey: the column is empty');
});

test('the watermark moves only from where the run started', () => {
  const stack = testStack();
  const extract = extractOf(stack, { incremental: Incremental.by('updated_at') });
  pipelineOf(stack, extract.next(extract.commit()));
  expect(aslOf(stack).States['Extract: Commit']!.Arguments).toMatchObject({
    ConditionExpression: expect.stringContaining(
      "($dataset.window.low = null ? 'attribute_not_exists(watermark) OR ' : '') & 'watermark IN (:low, :high))'",
    ),
  });
});

test.each([
  ['a window moves the watermark', {}, 'SET watermark = :high, run_id = :run REMOVE holder'],
  ['a replay leaves it', { window: { replay: true } }, 'SET last_replay = :run REMOVE holder'],
  ['some rows of a window leave it', { partial: true }, 'SET last_replay = :run REMOVE holder'],
])('%s', async (_, more, UpdateExpression) => {
  const stack = testStack();
  const extract = extractOf(stack, { incremental: Incremental.by('updated_at') });
  pipelineOf(stack, extract.next(extract.commit()));
  const window = { column: 'updated_at', low: null, high: '2026-01-01T00:00:00Z', ...('window' in more && more.window) };
  let sent: unknown;
  const run = await simulate(stack, {
    handlers: {
      'Extract: Run': () => ({ Payload: { name: 'sales.orders', format: 'copy-text', ...more, window } }),
      'Extract: Commit': (args) => {
        sent = args;
        return {};
      },
    },
  });
  expect(run.status).toBe('SUCCEEDED');
  expect(sent).toMatchObject({ UpdateExpression });
});

test('the function reads its secret and writes what is on its way, nothing more of the bucket', () => {
  const stack = testStack();
  pipelineOf(stack, extractOf(stack));
  const secret = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:reader-AbCdEf';
  expect(grantsOf(stack, 'ExtractFunctionRole').filter((grant) => !grant.startsWith('ec2:'))).toEqual([
    'logs:CreateLogStream: <ExtractFunctionLogs.Arn>',
    'logs:PutLogEvents: <ExtractFunctionLogs.Arn>',
    's3:AbortMultipartUpload: <DataPipelineBucket.Arn>/work/*',
    's3:GetObject: <DataPipelineBucket.Arn>/work/*',
    's3:PutObject: <DataPipelineBucket.Arn>/work/*',
    `secretsmanager:DescribeSecret: ${secret}`,
    `secretsmanager:GetSecretValue: ${secret}`,
  ]);
});

test('the secret is named to the function, never read at synthesis', () => {
  const stack = testStack();
  pipelineOf(stack, extractOf(stack));
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:reader-AbCdEf' } },
  });
});

test('the security group of the database is opened for the function, and for its port', () => {
  const stack = testStack();
  const { vpc, secret } = existing(stack);
  const instance = DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Database', {
    instanceIdentifier: 'sales',
    instanceEndpointAddress: 'sales.example.com',
    port: 5433,
    securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'DatabaseGroup', 'sg-1')],
  });
  pipelineOf(
    stack,
    new RdsExtract(stack, 'Extract', { table: 'orders', source: RdsSource.postgres({ vpc, secret, instance, databaseName: 'shop' }) }),
  );
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-1', FromPort: 5433, ToPort: 5433 });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ DATABASE_HOST: 'sales.example.com', DATABASE_PORT: '5433', DATABASE_NAME: 'shop' }) },
  });
});

test('by IAM authentication the function may connect as that user, and knows no secret', () => {
  const stack = testStack();
  const { vpc } = existing(stack);
  const instance = DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Database', {
    instanceIdentifier: 'sales',
    instanceEndpointAddress: 'sales.example.com',
    instanceResourceId: 'db-ABC',
    port: 5432,
    securityGroups: [],
  });
  const source = RdsSource.postgres({ vpc, instance, iamUser: 'reader' });
  pipelineOf(stack, new RdsExtract(stack, 'Extract', { table: 'orders', source }));
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { DATABASE_USER: 'reader', DATABASE_HOST: 'sales.example.com', DATABASE_PORT: '5432' } },
  });
  const grants = grantsOf(stack, 'ExtractFunctionRole');
  expect(grants.filter((grant) => grant.startsWith('rds-db:'))).toEqual([expect.stringMatching(/^rds-db:connect: .*:dbuser:db-ABC\/reader$/)]);
  expect(grants.join()).not.toContain('secretsmanager');
});

test('the key of a bucket of your own is granted', () => {
  const stack = testStack();
  const bucket = new Bucket(stack, 'Mine', { encryptionKey: new Key(stack, 'Key') });
  pipelineOf(stack, extractOf(stack, { bucket }));
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['kms:Encrypt']) })]) },
  });
});

test('the watermark table is kept, and can be restored', () => {
  const stack = testStack();
  const extract = extractOf(stack, { incremental: Incremental.by('updated_at') });
  pipelineOf(stack, extract.next(extract.commit()));
  Template.fromStack(stack).hasResource('AWS::DynamoDB::GlobalTable', {
    DeletionPolicy: 'Retain',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } })],
    },
  });
});

describe('what is wrong is said at synthesis', () => {
  test.each([
    ['', 'table name'],
    ['a.b.c', 'it has 3 parts'],
    ['orders; drop table x', 'holds other characters'],
    ['"orders', 'a double quote is not closed'],
  ])('fails for the table name %j', (table, message) => {
    expect(() => extractOf(testStack(), { table })).toThrow(message);
    expect(() => extractOf(testStack(), { table })).toThrow('[Test/Extract]');
  });

  test('of a whole table, commit() keeps the columns and gives the lock back', async () => {
    const stack = testStack();
    const extract = extractOf(stack);
    pipelineOf(stack, extract.next(extract.commit()));
    const { UpdateExpression, ConditionExpression } = aslOf(stack).States['Extract: Commit']!.Arguments as Record<string, string>;
    expect([UpdateExpression, ConditionExpression]).toEqual([
      "{% 'SET run_id = :run' & ($exists($dataset.schema) ? ', source_columns = :columns' : '') & ' REMOVE holder' %}",
      'holder = :me OR run_id = :run',
    ]);
    expect(await simulate(aslOf(stack))).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('fails when the extraction is incremental and nothing commits', () => {
    const stack = testStack();
    pipelineOf(stack, extractOf(stack, { incremental: Incremental.by('updated_at') }));
    expect(synthErrors(stack)).toMatch(/commit/);
  });

  test('fails when the path that skips the load leaves the commit out', () => {
    const stack = testStack();
    const extract = extractOf(stack, { incremental: Incremental.by('updated_at') });
    const load = new RedshiftLoad(stack, 'Load', { warehouse: existing(testStack('Other')).warehouse, table: 'orders', mode: LoadMode.append() });
    load.next(extract.commit());
    pipelineOf(stack, extract.next(new LambdaClean(stack, 'Clean')).next(load.skipWhenEmpty()));
    expect(synthErrors(stack)).toMatch(/commit/);
  });

  test('fails when the columns leave out the one it is incremental by', () => {
    expect(() => extractOf(testStack(), { columns: ['id'], incremental: Incremental.by('updated_at') })).toThrow("columns leave out 'updated_at'");
  });

  test.each([
    [{ maskColumns: ['a'], excludeColumns: ['a'] }, "maskColumns names 'a', which excludeColumns leaves out"],
    [{ hashColumns: ['a'], maskColumns: ['a'] }, "hashColumns names 'a', which maskColumns names too"],
    [{ hashColumns: ['a'], columns: ['b'] }, "hashColumns names 'a', which columns leave out"],
    [{ hashColumns: ['at'], incremental: Incremental.by('at') }, "hashColumns names 'at', which the extraction is incremental by"],
  ])('fails when a column cannot be hidden: %j', (props, message) => {
    expect(() => extractOf(testStack(), props)).toThrow(message);
  });

  test.each([[0], [1501], [1.5]])('fails for %s invocations', (maxInvocations) => {
    expect(() => extractOf(testStack(), { maxInvocations })).toThrow(`maxInvocations is ${maxInvocations}; it must be a whole number from 1 to 1500`);
  });

  test.each([[0], [17], [2.5]])('fails for %s ranges', (ranges) => {
    expect(() => extractOf(testStack(), { ranges })).toThrow(`ranges is ${ranges}; it must be a whole number from 1 to 16`);
  });

  test('fails when a try may take longer than Lambda allows', () => {
    expect(() => extractOf(testStack(), { timeout: Duration.minutes(16) })).toThrow('a Lambda function ends after 15 minutes');
  });

  test('fails when network or secret is missing', () => {
    const { vpc, secret } = existing(testStack());
    expect(() => RdsSource.postgres({ secret } as never)).toThrow('RdsSource.postgres: vpc is missing');
    expect(() => RdsSource.postgres({ vpc } as never)).toThrow('RdsSource.postgres: secret is missing');
    expect(() => RdsSource.postgres({ vpc, secret })).not.toThrow();
    expect(() => RdsSource.postgres({ vpc, secret, iamUser: 'a' })).toThrow('got both a secret and an iamUser');
    expect(() => RdsSource.postgres({ vpc, iamUser: 'a' })).toThrow('iamUser needs the instance or cluster');
  });
});
