import { Duration, type Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CleanRule, FanOut, LambdaClean, type LambdaCleanProps, OverlongText, RdsExtract, RetryPolicy } from '../../lib';
import type { State } from '../../lib/asl';
import { aslOf, fail, simulate } from '../../lib/testing';
import { testStack } from '../support/app';
import { existing } from '../support/existing';
import { expectGolden, ofStep } from '../support/golden';
import { grantsOf } from '../support/grants';
import { pipelineOf, synthErrors } from '../support/stacks';

function cleaned(props: LambdaCleanProps = {}): Stack {
  const stack = testStack();
  const extract = new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'sales.orders' });
  pipelineOf(stack, extract.next(new LambdaClean(stack, 'Clean', props)));
  return stack;
}

function partOf(stack: Stack): State {
  return aslOf(stack).States['Clean: Parts']!.ItemProcessor!.States['Clean: Part']!;
}

test('has the states of its golden file', () => {
  const rules = [
    CleanRule.trim(),
    CleanRule.nullIfBlank('note'),
    CleanRule.nullIf(['N/A'], 'note'),
    CleanRule.cast('total', 'decimal(12,2)'),
    CleanRule.required('order_id'),
    CleanRule.allowed('status', 'new', 'paid'),
    CleanRule.matches('email', '^[^@]+@[^@]+$'),
    CleanRule.range('total', { min: '0', max: '1000' }),
    CleanRule.defaultValue('status', 'new'),
    CleanRule.lower('email'),
    CleanRule.upper(),
    CleanRule.replace('phone', '[^0-9+]', ''),
    CleanRule.hash('phone'),
    CleanRule.rename('note', 'remark'),
    CleanRule.drop('internal'),
    CleanRule.latest('updated_at', 'order_id'),
  ];
  const stack = cleaned({ rules, maxRejected: 100, maxRejectedShare: 0.1 });
  expect(synthErrors(stack)).toBe('');
  expectGolden('lambda-clean', ofStep(aslOf(stack), 'Clean'));
});

test.each([
  [undefined, undefined],
  [OverlongText.REJECT, undefined],
  [OverlongText.FAIL, 'fail'],
])('overlong: %s tells each part so', (overlong, told) => {
  const { Payload } = partOf(cleaned({ overlong })).Arguments as { Payload: Record<string, unknown> };
  expect(Payload.overlong).toBe(told);
});

test('each part is cleaned by a task that is tried three times, in a map that is tried once', () => {
  const stack = cleaned();
  expect(partOf(stack).Retry).toContainEqual(expect.objectContaining({ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }));
  expect(aslOf(stack).States['Clean: Parts']).not.toHaveProperty('Retry');
});

test('the policy of the step goes before the one of the pipeline', () => {
  const stack = cleaned({ retry: RetryPolicy.custom({ maxAttempts: 5 }) });
  expect(partOf(stack).Retry).toContainEqual(expect.objectContaining({ ErrorEquals: ['States.ALL'], MaxAttempts: 5 }));
  expect(aslOf(stack).States['Extract: Run']!.Retry).toContainEqual(expect.objectContaining({ MaxAttempts: 2 }));
});

test('a dataset without parts is a map over nothing', () => {
  expect(aslOf(cleaned()).States['Clean: Parts']).toMatchObject({ Items: expect.stringContaining(' : [0..$dataset.parts - 1] %}') });
});

test('text of a rule that looks like an expression stays text', () => {
  const stack = cleaned({ rules: [CleanRule.nullIf(['$', '$.x', "{% it's %}"], 'note')] });
  expect(synthErrors(stack)).toBe('');
  const { rules } = (partOf(stack).Arguments as { Payload: { rules: unknown } }).Payload;
  expect(rules).toEqual([{ rule: 'nullIf', values: ["{% '$' %}", "{% '$.x' %}", `{% "{% it's %}" %}`], columns: ['note'] }]);
});

test('rejected rows are kept apart from what expires', () => {
  const { output, rejects } = (partOf(cleaned()).Arguments as { Payload: { output: { prefix: string }; rejects: { prefix: string } } }).Payload;
  expect(output.prefix).toMatch(/^{% 'work\//);
  expect(rejects.prefix).toMatch(/^{% 'rejects\//);
});

test('a function of your own cleans the parts', () => {
  const stack = testStack();
  const handler = new LambdaFunction(stack, 'Mine', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = 0'),
  });
  const extract = new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'sales.orders' });
  const clean = new LambdaClean(stack, 'Clean', { handler });
  pipelineOf(stack, extract.next(clean));
  expect(clean.partFunction).toBe(handler);
  expect(JSON.stringify(partOf(stack).Arguments)).toMatch(/\$\{Mine[0-9A-F]+\.Arn\}/);
});

test('distributed over executions of their own it has the states of its golden file', () => {
  const stack = cleaned({ rules: [CleanRule.trim(), CleanRule.unique('order_id')], fanOut: FanOut.DISTRIBUTED, maxConcurrency: 200 });
  expect(synthErrors(stack)).toBe('');
  expectGolden('lambda-clean-distributed', ofStep(aslOf(stack), 'Clean'));
});

test('in express executions too, if no key is to be judged without a second pass', () => {
  const stack = cleaned({ fanOut: FanOut.DISTRIBUTED_EXPRESS });
  expect(synthErrors(stack)).toBe('');
  const { States } = aslOf(stack);
  expect(States['Clean: Parts']!.ItemProcessor!.ProcessorConfig).toEqual({ Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' });
  expect(Object.keys(States).filter((name) => name.startsWith('Clean'))).toEqual(['Clean: Parts', 'Clean: Finish']);
});

test('a part that may take longer than an express execution is an error at synthesis', () => {
  const stack = cleaned({ fanOut: FanOut.DISTRIBUTED_EXPRESS, partTimeout: Duration.seconds(51) });
  expect(synthErrors(stack)).toContain(
    "map 'Clean: Parts' runs task 'Clean: Part' in Express executions, which end after 300 s, but with every retry that takes 303 s",
  );
  expect(
    synthErrors(cleaned({ fanOut: FanOut.DISTRIBUTED_EXPRESS, partTimeout: Duration.seconds(80), retry: RetryPolicy.custom({ maxAttempts: 1 }) })),
  ).toBe('');
});

test('the state machine may start executions of itself, and read and write what is on its way', () => {
  const grants = grantsOf(cleaned({ fanOut: FanOut.DISTRIBUTED }), 'Pipeline').filter((grant) => /^(states|s3)/.test(grant));
  expect(grants).toMatchInlineSnapshot(`
[
  "s3:AbortMultipartUpload: <DataPipelineBucket.Arn>/work/*",
  "s3:GetObject: <DataPipelineBucket.Arn>/runs/*",
  "s3:GetObject: <DataPipelineBucket.Arn>/work/*",
  "s3:ListMultipartUploadParts: <DataPipelineBucket.Arn>/work/*",
  "s3:PutObject: <DataPipelineBucket.Arn>/runs/*",
  "s3:PutObject: <DataPipelineBucket.Arn>/work/*",
  "states:DescribeExecution: arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<6.[object Object]>:*",
  "states:DescribeExecution: arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<PipelineStateMachine.Name>:*",
  "states:RedriveExecution: arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<6.[object Object]>/*:*",
  "states:StartExecution: <PipelineStateMachine>",
  "states:StopExecution: arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<6.[object Object]>:*",
]
`);
});

describe.each([FanOut.DISTRIBUTED, FanOut.DISTRIBUTED_EXPRESS, FanOut.INLINE])('simulated %s', (fanOut) => {
  test('every part is cleaned once', async () => {
    const run = await simulate(cleaned({ fanOut, rules: [CleanRule.unique('order_id')] }));
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: { recordCount: 1000, parts: 2, counts: { cleaned: 1000 } } });
  });

  test('the try of a part that failed after its work never shares a key with the next', async () => {
    const run = await simulate(cleaned({ fanOut }), { faults: [fail('Clean: Part', { times: 2, afterWork: true })] });
    expect(run.status).toBe('SUCCEEDED');
  });

  test('a part that fails every time fails the run', async () => {
    const run = await simulate(cleaned({ fanOut }), { faults: [fail('Clean: Part')] });
    expect(run).toMatchObject({ status: 'FAILED' });
  });
});

test('the functions read and write what is on its way, and write rejected rows', () => {
  expect(grantsOf(cleaned(), 'CleanPartFunctionRole')).toEqual([
    'logs:CreateLogStream: <CleanPartFunctionLogs.Arn>',
    'logs:PutLogEvents: <CleanPartFunctionLogs.Arn>',
    's3:AbortMultipartUpload: <DataPipelineBucket.Arn>/rejects/*, <DataPipelineBucket.Arn>/work/*',
    's3:GetObject: <DataPipelineBucket.Arn>/rejects/*, <DataPipelineBucket.Arn>/work/*',
    's3:PutObject: <DataPipelineBucket.Arn>/rejects/*, <DataPipelineBucket.Arn>/work/*',
  ]);
});

describe('what is wrong is said at synthesis', () => {
  test.each<[string, LambdaCleanProps, string]>([
    ['a type Redshift does not know', { rules: [CleanRule.cast('total', 'money')] }, 'money'],
    ['a pattern that is none', { rules: [CleanRule.matches('email', '(')] }, 'rule 1 (matches): bad pattern'],
    ['a range without bounds', { rules: [CleanRule.range('total', {})] }, 'rule 1 (range): it has neither min nor max'],
    ['a rule without columns', { rules: [CleanRule.required()] }, 'required'],
    ['a threshold below zero', { maxRejected: -1 }, 'maxRejected must be from 0'],
    ['a column that is gone', { rules: [CleanRule.drop('a'), CleanRule.trim('a')] }, "there is no column 'a' any more since rule 1 (drop)"],
    ['a share above one', { maxRejectedShare: 1.5 }, 'maxRejectedShare must be from 0 to 1, got 1.5'],
    ['too many at a time, distributed', { fanOut: FanOut.DISTRIBUTED, maxConcurrency: 1001 }, 'maxConcurrency must be from 1 to 1000, got 1001'],
    ['a part that takes too long', { partTimeout: Duration.minutes(16) }, 'partTimeout is 16 minutes, but a Lambda function ends after 15'],
    ['too many at a time', { maxConcurrency: 41 }, 'maxConcurrency must be from 1 to 40, got 41'],
  ])('fails for %s', (_, props, message) => {
    expect(() => cleaned(props)).toThrow(message);
    expect(() => cleaned(props)).toThrow('[Test/Clean]');
  });

  test('fails for a key over the dataset with a function that leaves no keys', () => {
    const handler = (stack: Stack) => LambdaFunction.fromFunctionArn(stack, 'Mine', 'arn:aws:lambda:eu-central-1:111122223333:function:mine');
    for (const rule of [CleanRule.unique('id'), CleanRule.latest('at', 'id')]) {
      const stack = testStack();
      expect(() => new LambdaClean(stack, 'Clean', { handler: handler(stack), rules: [rule] })).toThrow('leaves no keys');
    }
  });

  test('fails when nothing before it makes a dataset', () => {
    const stack = testStack();
    pipelineOf(stack, new LambdaClean(stack, 'Clean'));
    expect(synthErrors(stack)).toMatch(/step 'Clean' reads/);
  });

  test('fails when it works in another bucket than the step before', () => {
    const stack = testStack();
    const extract = new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'sales.orders', bucket: new Bucket(stack, 'Other') });
    pipelineOf(stack, extract.next(new LambdaClean(stack, 'Clean')));
    expect(synthErrors(stack)).toMatch(/bucket/);
  });
});
