import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import jsonata from 'jsonata';
import { Incremental, LambdaClean, LoadMode, RdsExtract, RedshiftLoad, type RedshiftLoadProps, RetryPolicy, Warehouse } from '../../lib';
import type { State, States } from '../../lib/asl';
import { aslOf, simulate } from '../../lib/testing';
import { testStack } from '../support/app';
import { existing } from '../support/existing';
import { expectGolden, ofStep } from '../support/golden';
import { grantsOf } from '../support/grants';
import { pipelineOf, synthErrors } from '../support/stacks';

function loaded(props: Partial<RedshiftLoadProps> = {}, incremental = false): Stack {
  const stack = testStack();
  const { source, warehouse } = existing(stack);
  const extract = new RdsExtract(stack, 'Extract', { source, table: 'orders', incremental: incremental ? Incremental.by('updated_at') : undefined });
  const load = new RedshiftLoad(stack, 'Load', { warehouse, table: 'analytics.orders', mode: LoadMode.upsert('order_id'), ...props });
  const chain = extract.next(new LambdaClean(stack, 'Clean')).next(load.skipWhenEmpty());
  pipelineOf(stack, incremental ? chain.next(extract.commit()) : chain);
  return stack;
}

function branchOf(stack: Stack): States {
  return aslOf(stack).States['Load: Transaction']!.Branches![0]!;
}

const argumentsOf = (stack: Stack) => aslOf(stack).States['Load: Transaction']!.Arguments;

function statementsOf(stack: Stack): string[] {
  return (branchOf(stack).States['Load: Submit']!.Arguments as { Sqls: string[] }).Sqls;
}

const targets = (state: State) => Object.fromEntries(state.Choices!.map(({ Condition, Next }) => [Condition as string, Next]));

test.each([
  ['upsert', LoadMode.upsert('order_id', 'line')],
  ['replace', LoadMode.replace()],
  ['append', LoadMode.append()],
])('has the states of its golden file when it is to %s', (name, mode) => {
  const stack = loaded({ mode }, true);
  expect(synthErrors(stack)).toBe('');
  expectGolden(`redshift-load-${name}`, ofStep(aslOf(stack), 'Load'));
});

test('no records skip the load and say so in the counts', () => {
  const { States } = aslOf(loaded());
  expect(States['Load: Any records?']).toMatchObject({
    Choices: [{ Condition: '{% $dataset.recordCount > 0 %}', Next: 'Load: Transaction' }],
    Default: 'Load: Skipped',
  });
  expect(States['Load: Skipped']!.Assign).toEqual({ dataset: expect.stringContaining("{'loaded': 0}") });
});

test('every terminal status leaves the loop, and so does the deadline', () => {
  const status = branchOf(loaded()).States['Load: Status']!;
  expect(targets(status)).toEqual({
    "{% $states.input.status = 'FINISHED' %}": 'Load: Loaded',
    "{% $states.input.status = 'FAILED' %}": 'Load: Failed',
    "{% $states.input.status = 'ABORTED' %}": 'Load: Aborted',
    '{% $millis() > $deadline %}': 'Load: Cancel',
  });
  expect(status.Default).toBe('Load: Wait');
});

test('the waits double up to two minutes', () => {
  const { States } = branchOf(loaded());
  expect(States['Load: Submit']!.Assign).toMatchObject({ delay: 2 });
  expect(States['Load: Wait']).toMatchObject({ Seconds: '{% $delay %}' });
  expect(States['Load: Describe']!.Assign).toEqual({ delay: '{% $min([$delay * 2, 120]) %}' });
});

test('a failed statement is submitted again under a new token, a lost answer under the same', () => {
  const stack = loaded();
  const { StartAt, States } = branchOf(stack);
  expect(StartAt).toBe('Load: Submit');
  expect(argumentsOf(stack)).toMatchObject({ token: '{% $uuid() %}' });
  expect(States['Load: Submit']!.Arguments).toMatchObject({ ClientToken: '{% $states.input.token %}' });
});

test('a try of the transaction keeps its token over lost answers, and the next try has another', async () => {
  const tokens: unknown[] = [];
  const handlers = {
    'Load: Submit': ({ ClientToken }: Readonly<Record<string, unknown>>) => {
      tokens.push(ClientToken);
      if (tokens.length === 1) throw Object.assign(new Error('lost'), { name: 'Injected.Lost' });
      return { Id: `statement-${tokens.length}` };
    },
    'Load: Describe': ({ Id }: Readonly<Record<string, unknown>>) => ({
      Status: Id === 'statement-2' ? 'FAILED' : 'FINISHED',
      SubStatements: Array.from({ length: 9 }, () => ({ ResultRows: 1000 })),
    }),
  };
  const run = await simulate(loaded(), { handlers });
  expect(run.status).toBe('SUCCEEDED');
  expect(tokens).toEqual([expect.any(String), tokens[0], expect.any(String)]);
  expect(tokens[2]).not.toBe(tokens[0]);
});

test('the transaction is tried again for what its own states raise, and for nothing that a task already retried', () => {
  expect(aslOf(loaded()).States['Load: Transaction']!.Retry).toEqual([
    expect.objectContaining({ ErrorEquals: ['Redshift.StatementFailed', 'Redshift.StatementAborted', 'Redshift.StatementTimedOut'], MaxAttempts: 2 }),
  ]);
});

test('the policy of the step holds for the transaction too', () => {
  expect(aslOf(loaded({ retry: RetryPolicy.custom({ maxAttempts: 4 }) })).States['Load: Transaction']!.Retry).toEqual([
    expect.objectContaining({ MaxAttempts: 4 }),
  ]);
});

test('a statement that takes too long is cancelled before the step fails', () => {
  const stack = loaded({ timeout: Duration.minutes(10) });
  const { States } = branchOf(stack);
  expect(argumentsOf(stack)).toMatchObject({ deadline: '{% $millis() + 600000 %}' });
  expect(States['Load: Submit']!.Assign).toMatchObject({ deadline: '{% $states.input.deadline %}' });
  expect(States['Load: Cancel']).toMatchObject({ Next: 'Load: Cancelled' });
  expect(States['Load: Cancelled']).toMatchObject({ Default: 'Load: Timed out' });
  expect(States['Load: Timed out']).toMatchObject({ Type: 'Fail', Error: 'Redshift.StatementTimedOut' });
});

test('a statement that cannot be seen any more is cancelled, and the step fails with what kept it from being seen', () => {
  const { States } = branchOf(loaded());
  expect(States['Load: Describe']!.Catch).toEqual([
    { ErrorEquals: ['States.ALL'], Assign: { blind: '{% $states.errorOutput %}' }, Next: 'Load: Cancel' },
  ]);
  expect(States['Load: Cancel']).toMatchObject({ Next: 'Load: Cancelled' });
  expect(targets(States['Load: Cancelled']!)).toEqual({ '{% $blind != null %}': 'Load: Lost' });
  expect(States['Load: Lost']).toMatchObject({ Type: 'Fail', Error: '{% $blind.Error %}' });
});

describe('the statements', () => {
  test('stage and count before the table is touched', () => {
    const order = statementsOf(loaded()).map(
      (sql) => /CREATE SCHEMA|CREATE TABLE|CREATE TEMP|COPY|count check|key check|DELETE FROM|MERGE INTO/.exec(sql)![0],
    );
    expect(order).toEqual([
      'CREATE SCHEMA',
      'CREATE TABLE',
      'CREATE TEMP',
      'COPY',
      'count check',
      'key check',
      'DELETE FROM',
      'CREATE TEMP',
      'MERGE INTO',
    ]);
  });

  test('change no table that exists beforehand when told not to create one', () => {
    expect(statementsOf(loaded({ createTable: false })).filter((sql) => /CREATE (SCHEMA|TABLE)/.test(sql))).toEqual([]);
  });

  test('never commit halfway', () => {
    for (const mode of [LoadMode.upsert('id'), LoadMode.replace(), LoadMode.append()]) {
      expect(statementsOf(loaded({ mode }, true)).join('\n')).not.toMatch(/TRUNCATE|APPEND FROM|BEGIN|COMMIT|VACUUM/);
    }
  });

  test('quote every name', () => {
    const sql = statementsOf(loaded({ table: '"we;ird"."na""me"', mode: LoadMode.upsert('a"b') })).join('\n');
    expect(sql).toContain('"we;ird"."na""me"');
    expect(sql).toContain('"a""b"');
  });

  test('read with the role of the warehouse, or else with the default one', () => {
    const stack = testStack();
    const copyRole = new Role(stack, 'Copy', { assumedBy: new ServicePrincipal('redshift.amazonaws.com') });
    const warehouse = Warehouse.provisioned({ clusterIdentifier: 'main', database: 'dev', copyRole });
    const load = new RedshiftLoad(stack, 'Load', { warehouse, table: 'orders', mode: LoadMode.replace() });
    const extract = new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'orders' });
    pipelineOf(stack, extract.next(new LambdaClean(stack, 'Clean')).next(load));
    expect(statementsOf(stack).find((sql) => sql.includes('COPY'))).toMatch(/IAM_ROLE '\$\{Copy[0-9A-F]+\.Arn\}'/);
    expect(statementsOf(loaded()).find((sql) => sql.includes('COPY'))).toContain('IAM_ROLE default');
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^Copy') }],
      PolicyDocument: { Statement: [Match.objectLike({ Action: 's3:GetObject' })] },
    });
  });
});

describe('the state machine may', () => {
  const grants = (stack: Stack) => grantsOf(stack, 'PipelineStateMachineRole');

  test('submit to the workgroup as its IAM role', () => {
    const arn = 'arn:aws:redshift-serverless:us-east-1:111111111111:workgroup/1';
    const granted = grants(loaded({ warehouse: Warehouse.serverless({ workgroup: 'w', workgroupArn: arn, database: 'dev' }) }));
    expect(granted).toEqual(expect.arrayContaining([`redshift-data:BatchExecuteStatement: ${arn}`, `redshift-serverless:GetCredentials: ${arn}`]));
  });

  test('submit to the cluster as its IAM role', () => {
    const granted = grants(loaded({ warehouse: Warehouse.provisioned({ clusterIdentifier: 'main', database: 'dev' }) }));
    const prefix = 'arn:<AWS::Partition>:redshift:<AWS::Region>:<AWS::AccountId>';
    expect(granted).toEqual(
      expect.arrayContaining([
        `redshift-data:BatchExecuteStatement: ${prefix}:cluster:main`,
        `redshift:GetClusterCredentialsWithIAM: ${prefix}:dbname:main/dev`,
      ]),
    );
  });

  test('submit with a secret, which then is all it may read', () => {
    const stack = testStack();
    const { secret } = existing(stack);
    const granted = grants(loaded({ warehouse: Warehouse.serverless({ workgroup: 'w', database: 'dev', secret }) }));
    expect(granted).toContain(`secretsmanager:GetSecretValue: ${secret.secretArn}`);
    expect(granted.join()).not.toContain('GetCredentials');
  });

  test('see and cancel its own statements, by the right prefix', () => {
    expect(grants(loaded()).join('\n')).toMatch(/redshift-data:CancelStatement: .*\n.*redshift-data:DescribeStatement: /);
    expect(grants(loaded()).join('\n')).not.toMatch(/redshiftdata:/);
  });
});

describe('what is wrong is said at synthesis', () => {
  test('fails when it is fed rows that were not cleaned', () => {
    const stack = testStack();
    const { source, warehouse } = existing(stack);
    const load = new RedshiftLoad(stack, 'Load', { warehouse, table: 'orders', mode: LoadMode.replace() });
    pipelineOf(stack, new RdsExtract(stack, 'Extract', { source, table: 'orders' }).next(load));
    expect(synthErrors(stack)).toMatch(/step 'Load' reads parquet or jsonl, but gets copy-text from step 'Extract'; put LambdaClean before it/);
  });

  test('fails when it is to append a whole table', () => {
    expect(synthErrors(loaded({ mode: LoadMode.append() }))).toMatch(/window/);
  });

  test('fails when the key is missing', () => {
    expect(() => LoadMode.upsert()).toThrow('LoadMode.upsert: the key is missing');
  });

  test('fails for a table name that cannot be read', () => {
    expect(() => loaded({ table: 'orders;' })).toThrow("[Test/Load] table name 'orders;' cannot be read");
  });

  test('fails when three tries would not fit into the history of a run', () => {
    expect(() => loaded({ timeout: Duration.hours(5) })).toThrow('do not fit into the history of a run');
  });
});

test.each([
  [LoadMode.replace(), 'replace would delete the others'],
  [LoadMode.append(), 'append would delete the others'],
  [LoadMode.upsert('order_id'), undefined],
])('a dataset of some rows only is loaded by upsert, and refused where it would delete the others: %#', async (mode, message) => {
  const { names } = argumentsOf(loaded({ mode }, true)) as { names: string };
  const evaluate = (dataset: object) => jsonata(names.slice(2, -2)).evaluate(undefined, { dataset: { columns: [{ name: 'order_id' }], ...dataset } });
  expect([...(await evaluate({}))]).toEqual(['"order_id"']);
  if (message) await expect(evaluate({ partial: true })).rejects.toMatchObject({ message: expect.stringContaining(message) });
  else expect([...(await evaluate({ partial: true }))]).toEqual(['"order_id"']);
});
