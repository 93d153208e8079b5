import { Topic } from 'aws-cdk-lib/aws-sns';
import { type INextable, Pass, type State } from 'aws-cdk-lib/aws-stepfunctions';
import { GlueParquet, LambdaClean, LoadMode, RdsExtract, RedshiftLoad, SnsNotify, Step } from '../lib';
import { aslOf } from '../lib/testing';
import { testStack } from './support/app';
import { existing } from './support/existing';
import { pipelineOf, synthErrors } from './support/stacks';

class Own extends Step {
  readonly startState: State;
  readonly endStates: INextable[];

  constructor(scope: ReturnType<typeof testStack>, id: string) {
    super(scope, id);
    const pass = Pass.jsonata(this, 'Look', { comment: this.describe({ entry: true }) });
    this.startState = pass;
    this.endStates = [pass];
    this.prefixStates();
  }
}

function ends(stack = testStack()) {
  const { source, warehouse } = existing(stack);
  return {
    stack,
    extract: new RdsExtract(stack, 'Extract', { source, table: 'orders' }),
    clean: new LambdaClean(stack, 'Clean'),
    parquet: new GlueParquet(stack, 'Parquet'),
    load: new RedshiftLoad(stack, 'Load', { warehouse, table: 'orders', mode: LoadMode.replace() }),
    notify: new SnsNotify(stack, 'Notify', { topic: new Topic(stack, 'Topic') }),
  };
}

test('states are named after their step, and what a step tells the policies is gone from the definition', () => {
  const { stack, extract, clean, load, notify } = ends();
  pipelineOf(stack, extract.next(clean).next(load).next(notify));
  const asl = aslOf(stack);
  const steps = new Set(Object.keys(asl.States).map((name) => name.split(': ')[0]));
  expect([...steps].sort()).toEqual(['Alert', 'Clean', 'Extract', 'Load', 'Notify', 'Resume Extract', 'Run']);
  expect(JSON.stringify(asl)).not.toContain('Comment');
});

test('any step can be skipped when there are no records', () => {
  const { stack, extract, clean, parquet, load, notify } = ends();
  pipelineOf(stack, extract.next(clean).next(parquet.skipWhenEmpty()).next(load.skipWhenEmpty()).next(notify));
  const { States } = aslOf(stack);
  expect(States['Parquet: Any records?']).toMatchObject({ Default: 'Parquet: Skipped' });
  expect(States['Parquet: Skipped']).toMatchObject({ Next: 'Load: Any records?' });
  expect(States['Load: Skipped']).toMatchObject({ Next: 'Notify: Publish' });
  expect(synthErrors(stack)).toBe('');
});

test('a skipped step may be the last one', () => {
  const { stack, extract, clean, load } = ends();
  pipelineOf(stack, extract.next(clean).next(load.skipWhenEmpty()));
  expect(aslOf(stack).States['Load: Skipped']).toMatchObject({ End: true });
  expect(synthErrors(stack)).toBe('');
});

test('native states fit between steps, and a step of your own is one class', () => {
  const { stack, extract, clean, load } = ends();
  const native = Pass.jsonata(stack, 'Native');
  pipelineOf(stack, extract.next(native).next(clean).next(new Own(stack, 'Own')).next(load));
  expect(aslOf(stack).States['Own: Look']).toEqual({ Type: 'Pass', Next: 'Load: Transaction' });
  expect(synthErrors(stack)).toBe('');
});

test('a small table needs no Glue', () => {
  const { stack, extract, clean, load } = ends();
  pipelineOf(stack, extract.next(clean).next(load));
  expect(synthErrors(stack)).toBe('');
});

test('all steps of a stack share one bucket', () => {
  const { extract, clean, parquet, load } = ends();
  expect(new Set([extract, clean, parquet, load].map(({ bucket }) => bucket)).size).toBe(1);
});

test('a pipeline may have a step of a kind more than once', () => {
  const stack = testStack();
  const { source, warehouse } = existing(stack);
  const load = (id: string, table: string) => new RedshiftLoad(stack, id, { warehouse, table, mode: LoadMode.replace() });
  const extract = new RdsExtract(stack, 'Extract', { source, table: 'orders' });
  const cleaned = extract.next(new LambdaClean(stack, 'Clean')).next(new LambdaClean(stack, 'Again'));
  pipelineOf(stack, cleaned.next(load('Load', 'orders')).next(load('Archive', 'archive')));
  expect(synthErrors(stack)).toBe('');
  expect(Object.keys(aslOf(stack).States)).toEqual(
    expect.arrayContaining(['Clean: Parts', 'Again: Parts', 'Load: Transaction', 'Archive: Transaction']),
  );
});
