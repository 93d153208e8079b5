import { App } from 'aws-cdk-lib';
import { Pass } from 'aws-cdk-lib/aws-stepfunctions';
import { OrdersToRedshiftStack } from '../../../examples/orders-to-redshift/stack';
import { AlertPolicy, DataPipeline, LambdaClean, RdsExtract } from '../../../lib';
import type { StateMachineAsl } from '../../../lib/asl';
import { aslOf, fail, type Simulation, simulate } from '../../../lib/testing';
import { testStack } from '../../support/app';
import { existing } from '../../support/existing';
import { pipelineOf, synthErrors } from '../../support/stacks';

jest.setTimeout(60_000);

// Read once: the stack is synthesized again at every simulation of it.
const stack = new OrdersToRedshiftStack(new App(), 'Orders');
let usual: Simulation;
let dataset: Record<string, unknown>;
beforeAll(async () => {
  usual = await simulate(stack);
  dataset = usual.output as Record<string, unknown>;
});

test('a usual run passes one state of it', () => {
  expect(usual.status).toBe('SUCCEEDED');
  expect(usual.entered.filter((name) => /^(Run|Resume)/.test(name))).toEqual(['Run: Start']);
});

test('what a run may not be asked for is refused, says what is allowed, and alerts once', async () => {
  const window = (low: unknown, high: unknown) => ({ window: { low, high } });
  const load = (change: object) => ({ startAt: 'Load', dataset: { ...dataset, ...change } });
  const cases: [unknown, RegExp][] = [
    ['text', /no JSON object/],
    [[], /no JSON object/],
    [null, /no JSON object/],
    [{ windw: 1, other: 2 }, /'windw', 'other' is not known/],
    [{ resume: 'a', startAt: 'Load' }, /startAt and resume exclude each other/],
    [{ dataset: {} }, /nothing without startAt/],
    [{ window: 5 }, /low and high, as texts/],
    [{ window: { low: '2026-01-01T00:00:00Z' } }, /low and high, as texts/],
    [window('2026-02-01T00:00:00Z', '2026-01-01T00:00:00Z'), /begin before it ends/],
    [window('2026-02-01T00:00:00Z', '2026-02-01T00:00:00.000Z'), /begin before it ends/],
    [window('yesterday', 'today'), /begin before it ends/],
    [window('1', '2026-02-01T00:00:00Z'), /begin before it ends/],
    [{ resume: '../other' }, /the id of a run/],
    [{ resume: 5 }, /the id of a run/],
    [{ startAt: 'Lode' }, /there are Extract, Clean, Parquet, Load, Extract: Commit, Notify/],
    [{ startAt: 5 }, /there are Extract/],
    [{ startAt: 'Load' }, /Load needs a dataset/],
    [{ startAt: 'Load', dataset: 5 }, /as an earlier run left it/],
    [{ startAt: 'Load', dataset: {} }, /as an earlier run left it/],
    [load({ format: 'copy-text' }), /Load reads parquet or jsonl, and the dataset is copy-text/],
    [load({ manifest: "s3://lake/a'; DROP TABLE t; --" }), /as an earlier run left it/],
    [load({ columns: [{ name: 'a', type: "integer); DROP TABLE t; --'" }] }), /as an earlier run left it/],
    [load({ columns: [{ name: 'a' }] }), /as an earlier run left it/],
    [{ startAt: 'Extract: Commit', dataset: { ...dataset, window: undefined } }, /needs a dataset with a window/],
    [{ dryRun: 'yes' }, /true or false/],
    [{ dryRun: true, startAt: 'Extract' }, /leave startAt and resume out/],
  ];
  for (const [input, cause] of cases) {
    const run = await simulate(stack, { input: JSON.parse(JSON.stringify(input)) });
    expect([input, run.status, run.error]).toEqual([input, 'FAILED', 'InvalidRunInput']);
    expect(run.cause).toMatch(cause);
    expect(run.cause).toContain('; a run takes {}, or {"window"');
    expect([run.entered.at(-1), run.alerts.length]).toEqual(['Run: Refused', 1]);
  }
});

test('a run starts at a step, as a replay of what an earlier one made', async () => {
  const run = await simulate(stack, { after: usual, input: { startAt: 'Load', dataset } });
  expect(run).toMatchObject({ status: 'SUCCEEDED', output: { window: { replay: true } } });
  expect(run.entered).toEqual(expect.arrayContaining(['Resume Extract: Lock', 'Load: Any records?', 'Extract: Commit', 'Notify: Publish']));
  expect(run.entered).not.toContain('Extract: Run');
});

test('a run is resumed where it failed; once a later run moved the watermark, as a replay', async () => {
  const failed = await simulate(stack, { faults: [fail('Load', { error: 'InvalidInput' })] });
  expect(failed.alerts[0]!.message).toContain(`--input '{"resume": "simulation"}'`);
  const resumed = await simulate(stack, { after: failed, input: { resume: 'simulation' } });
  expect(resumed.status).toBe('SUCCEEDED');
  expect(resumed.output).not.toHaveProperty('window.replay');
  expect(resumed.entered).not.toContain('Extract: Run');

  const later = await simulate(stack, { after: failed, startTime: new Date('2026-01-02T00:00:00Z') });
  const late = await simulate(stack, { after: later, input: { resume: 'simulation' } });
  expect(late).toMatchObject({ status: 'SUCCEEDED', output: { window: { replay: true } } });
});

test('an alert goes out once though the checkpoint cannot be written, and offers no resumption', async () => {
  const run = await simulate(stack, { faults: [fail('Load', { error: 'InvalidInput' }), fail('Alert: Checkpoint')] });
  expect([run.error, run.alerts.length]).toEqual(['InvalidInput', 1]);
  expect(run.alerts[0]!.message).not.toContain('resume');
});

test('a run beside another one ends early, told apart from one that did something', async () => {
  const run = await simulate(stack, { lock: 'held' });
  expect(run).toMatchObject({ status: 'SUCCEEDED', output: { skipped: 'overlap' }, alerts: [], notifications: [] });
});

describe('what a pipeline cannot do is refused by name', () => {
  const extracted = () => {
    const small = testStack();
    const extract = new RdsExtract(small, 'Extract', { source: existing(small).source, table: 'orders' });
    return { small, definition: extract.next(new LambdaClean(small, 'Clean')) };
  };

  test('a window of whole tables', async () => {
    const { small, definition } = extracted();
    pipelineOf(small, definition);
    const run = await simulate(small, { input: { window: { low: null, high: '2026-01-01T00:00:00Z' } } });
    expect(run.cause).toMatch(/extracts whole tables/);
  });

  test('to resume without a checkpoint', async () => {
    const { small, definition } = extracted();
    new DataPipeline(small, 'Pipeline', { definition, alerts: AlertPolicy.none() });
    expect((await simulate(small, { input: { resume: 'a' } })).cause).toMatch(/keeps no checkpoint.*AlertPolicy.toTopic/);
  });

  test('to start at a step behind which a state reads what is assigned before it', async () => {
    const small = testStack();
    const extract = new RdsExtract(small, 'Extract', { source: existing(small).source, table: 'orders' });
    const before = Pass.jsonata(small, 'Before', { assign: { mine: 1 } });
    const after = Pass.jsonata(small, 'After', { outputs: '{% $mine %}' });
    pipelineOf(small, extract.next(before).next(new LambdaClean(small, 'Clean')).next(after));
    expect(synthErrors(small)).toBe('');
    expect((await simulate(small, { input: { startAt: 'Clean' } })).cause).toMatch(/there are Extract;/);
  });
});

test('a definition without a step keeps its input, and its states', () => {
  const small = testStack();
  pipelineOf(small, Pass.jsonata(small, 'Begin'));
  expect((aslOf(small) as StateMachineAsl).StartAt).toBe('Begin');
});

test('fails when a step takes the names of the states that read the input', () => {
  const small = testStack();
  const extract = new RdsExtract(small, 'Extract', { source: existing(small).source, table: 'orders' });
  expect(() => pipelineOf(small, extract.next(Pass.jsonata(small, 'Run: Start')))).toThrow(
    "the name 'Run: Start' is that of a state that reads the run input",
  );
});
