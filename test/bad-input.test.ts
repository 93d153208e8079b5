import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pass } from 'aws-cdk-lib/aws-stepfunctions';
import { CleanRule, GlueParquet, Incremental, LambdaClean, LoadMode, RdsExtract, RedshiftLoad, RetryPolicy, SnsNotify } from '../lib';
import { type Account, fiveSteps, synthesize } from './local/support';

const table = 'sales.orders';
const load = ({ stack, warehouse }: Account) => new RedshiftLoad(stack, 'Load', { warehouse, table, mode: LoadMode.replace() });
const extract = ({ stack, source }: Account) => new RdsExtract(stack, 'Extract', { source, table });

describe('what can be known before anything is deployed is told at synthesis, with what to change', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each<[string, Parameters<typeof synthesize>[1], string[]]>([
    [
      'a load fed by an extraction',
      (account) => extract(account).next(load(account)),
      ["step 'Load' reads parquet or jsonl, but gets copy-text from step 'Extract'; put LambdaClean before it"],
    ],
    [
      'a conversion fed by an extraction',
      (account) => extract(account).next(new GlueParquet(account.stack, 'Parquet')),
      ["step 'Parquet' reads jsonl, but gets copy-text from step 'Extract'; put LambdaClean before it"],
    ],
    [
      'cleaning after the conversion',
      (account) =>
        extract(account)
          .next(new LambdaClean(account.stack, 'Clean'))
          .next(new GlueParquet(account.stack, 'Parquet'))
          .next(new LambdaClean(account.stack, 'Again')),
      ["step 'Again' reads copy-text, jsonl or rejects, but gets parquet from step 'Parquet'"],
    ],
    ['a load fed by nothing', (account) => load(account), ["step 'Load' reads parquet or jsonl", 'RdsExtract']],
    [
      'a topic that is missing',
      ({ stack }) => new SnsNotify(stack, 'Notify', { topic: undefined } as never),
      ['[Test/Notify] a topic is missing; pass an sns.ITopic, or leave the step out of the pipeline'],
    ],
    [
      'negative attempts',
      (account) => fiveSteps(account, { extract: { table, retry: RetryPolicy.custom({ maxAttempts: -1 }) } }),
      ['maxAttempts must be a whole number from 0 to 99999999, got -1'],
    ],
    [
      'the same step joined twice',
      (account) => {
        const first = extract(account);
        return first.next(new LambdaClean(account.stack, 'Clean')).next(first);
      },
      ["step 'Extract'", 'joined twice'],
    ],
    [
      'an incremental extraction without a commit',
      ({ stack, source }) => new RdsExtract(stack, 'Extract', { source, table, incremental: Incremental.by('updated_at') }),
      ["step 'Extract' opens a window", 'put its commit() after the load on every way'],
    ],
    ['a semicolon in a bare name', (account) => fiveSteps(account, { extract: { table: 'orders; DROP TABLE x' } }), ['write "orders; DROP TABLE x"']],
    ['a quote that is not closed', (account) => fiveSteps(account, { extract: { table: 'sales."orders' } }), ['a double quote is not closed']],
    [
      'a target with a semicolon',
      (account) => fiveSteps(account, { extract: { table }, target: 'analytics.or;ders' }),
      ['[Test/Load]', 'write "or;ders"'],
    ],
    [
      'a type that Redshift does not have',
      (account) => fiveSteps(account, { extract: { table }, clean: { rules: [CleanRule.cast('total', 'money')] } }),
      ['[Test/Clean] rule 1 (cast)', "column type 'money' is not known; use one of smallint"],
    ],
    [
      'several things at once',
      (account) =>
        extract(account)
          .next(load(account))
          .next(new Pass(account.stack, 'Mine', { parameters: { 'a.$': '$.a' } })),
      ['put LambdaClean before it', 'Mine'],
    ],
  ])('%s', (name, define, says) => {
    let message = '';
    try {
      synthesize(join(folder, name.replaceAll(' ', '-')), define);
    } catch (error) {
      message = (error as Error).message;
    }
    for (const part of says) expect(message).toContain(part);
  });
});
