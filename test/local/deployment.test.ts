import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { CfnJob } from 'aws-cdk-lib/aws-glue';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, QueryLanguage, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { type Deployment, readDeployment } from '../../lib/local/deployment';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'deployment-'));
  mkdirSync(join(directory, 'code'));
  writeFileSync(join(directory, 'code', 'index.js'), 'exports.handler = async (event) => event;');
  writeFileSync(join(directory, 'job.py'), 'print(1)');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function synthesize(build: (stack: Stack) => void, env?: { account: string; region: string }): Deployment {
  const outdir = mkdtempSync(join(directory, 'cdk.out-'));
  const app = new App({ outdir });
  build(new Stack(app, 'Orders', { env }));
  app.synth();
  return readDeployment(outdir);
}

const lambdaIn = (stack: Stack, environment = {}) =>
  new LambdaFunction(stack, 'Fn', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromAsset(join(directory, 'code')),
    timeout: Duration.minutes(2),
    memorySize: 512,
    environment,
  });

test('functions have their code directory, environment, limits and ARN', () => {
  const { functions, secrets } = synthesize((stack) => {
    lambdaIn(stack, { SECRET_ARN: Secret.fromSecretNameV2(stack, 'Source', 'orders/source').secretArn, MODE: 'x' });
  });
  expect(functions).toEqual([
    {
      logicalId: expect.stringMatching(/^Fn/),
      name: expect.stringMatching(/^Orders-Fn/),
      arn: `arn:aws:lambda:us-east-1:000000000000:function:${functions[0]!.name}`,
      runtime: 'nodejs22.x',
      handler: 'index.handler',
      environment: { SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:orders/source', MODE: 'x' },
      timeoutSeconds: 120,
      memoryMb: 512,
      codeDir: expect.stringMatching(/cdk\.out-\w+\/asset\.[0-9a-f]+$/),
    },
  ]);
  expect(secrets).toEqual(['arn:aws:secretsmanager:us-east-1:000000000000:secret:orders/source']);
});

test('a function whose code is no directory has no code directory', () => {
  const { functions } = synthesize((stack) => {
    new LambdaFunction(stack, 'Fn', { runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code: Code.fromInline('exports.handler = 1') });
  });
  expect(functions[0]!.codeDir).toBeUndefined();
});

test('a state machine has its definition parsed, with the names that the other resources have', () => {
  const { machines, functions } = synthesize((stack) => {
    const run = LambdaInvoke.jsonata(stack, 'Extract: Run', { lambdaFunction: lambdaIn(stack) });
    new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromChainable(run), queryLanguage: QueryLanguage.JSONATA });
  });
  const [machine] = machines;
  expect(machine).toMatchObject({ stack: 'Orders', region: 'us-east-1', account: '000000000000', definition: { StartAt: 'Extract: Run' } });
  expect(machine!.arn).toBe(`arn:aws:states:us-east-1:000000000000:stateMachine:${machine!.name}`);
  const states = machine!.definition.States as Record<string, object>;
  expect(states['Extract: Run']).toMatchObject({
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: functions[0]!.arn },
  });
});

test('substitutions of a definition text are filled in', () => {
  const { machines } = synthesize((stack) => {
    new StateMachine(stack, 'Machine', {
      definitionBody: DefinitionBody.fromString('{"StartAt":"A","QueryLanguage":"JSONata","States":{"A":{"Type":"Succeed","Comment":"${who}"}}}'),
      definitionSubstitutions: { who: 'me' },
    });
  });
  expect(machines[0]!.definition).toMatchObject({ States: { A: { Comment: 'me' } } });
});

test('jobs have the file of their script, buckets and tables what it takes to create them', () => {
  const { jobs, buckets, tables } = synthesize((stack) => {
    const script = new Asset(stack, 'Script', { path: join(directory, 'job.py') });
    const bucket = new Bucket(stack, 'Bucket');
    new CfnJob(stack, 'Job', {
      role: 'arn:role',
      command: { name: 'glueetl', scriptLocation: script.s3ObjectUrl },
      defaultArguments: { '--bucket': bucket.bucketName },
    });
    new Table(stack, 'Watermarks', { partitionKey: { name: 'id', type: AttributeType.STRING } });
  });
  expect(jobs).toEqual([
    {
      logicalId: 'Job',
      name: 'Orders-Job',
      scriptPath: expect.stringMatching(/asset\.[0-9a-f]+\.py$/),
      defaultArguments: { '--bucket': buckets[0] },
    },
  ]);
  expect(tables).toEqual([
    {
      name: expect.stringMatching(/^Orders-Watermarks/),
      keySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      attributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    },
  ]);
});

test('event rules have pattern, targets and transformers; schedules and disabled rules are no event rules', () => {
  const { rules, topics } = synthesize((stack) => {
    const target = new SnsTopic(new Topic(stack, 'Alerts'), { message: RuleTargetInput.fromObject({ run: EventField.fromPath('$.detail.name') }) });
    new Rule(stack, 'Failed', { eventPattern: { source: ['aws.states'] }, targets: [target] });
    new Rule(stack, 'Off', { eventPattern: { source: ['aws.states'] }, enabled: false });
  });
  expect(rules).toEqual([
    {
      logicalId: expect.stringMatching(/^Failed/),
      pattern: { source: ['aws.states'] },
      targets: [{ arn: topics[0], inputTransformer: { InputPathsMap: { 'detail-name': '$.detail.name' }, InputTemplate: '{"run":<detail-name>}' } }],
    },
  ]);
});

test('a stack with a fixed place keeps its account and region', () => {
  const { topics } = synthesize((stack) => new Topic(stack, 'T', { topicName: 'alerts' }), { account: '111122223333', region: 'eu-west-1' });
  expect(topics).toEqual(['arn:aws:sns:eu-west-1:111122223333:alerts']);
});

test('a directory without a synthesized app is an error that says what to give', () => {
  expect(() => readDeployment(directory)).toThrow('no manifest.json in');
});
