import { Fail, Pass } from 'aws-cdk-lib/aws-stepfunctions';
import { Branch, When } from '../../lib';
import { aslOf, simulate } from '../../lib/testing';
import { testStack } from '../support/app';
import { pipelineOf, synthErrors } from '../support/stacks';

function branching(recordCount: number, rejected = 0) {
  const stack = testStack();
  const pass = (id: string) => Pass.jsonata(stack, id, { outputs: id });
  const dataset = Pass.jsonata(stack, 'Dataset', { assign: { dataset: { recordCount, counts: { rejected } } } });
  const sized = new Branch(stack, 'How many?')
    .when(When.recordsAtLeast(1000).and(When.rejectedAtLeast(1).not()), pass('many'))
    .when(When.recordsAtLeast(10).and(When.rejectedShareAtLeast(0.5)), Fail.jsonata(stack, 'spoiled', { error: 'Spoiled', cause: 'half of it' }))
    .when(When.inputIs('mode', 'full').or(When.inputHas('everything')), pass('asked'))
    .otherwise(pass('few'));
  pipelineOf(stack, dataset.next(sized).next(Pass.jsonata(stack, 'Behind')));
  return stack;
}

test.each<[string, number, number, object]>([
  ['many', 1000, 0, {}],
  ['few', 1000, 1, {}],
  ['few', 0, 0, {}],
  ['few', 0, 0, { mode: 'some' }],
  ['asked', 0, 0, { mode: 'full' }],
  ['asked', 999, 0, { everything: null }],
])('goes the way %s for %d records, %d rejected and the input %j, and joins again', async (way, recordCount, rejected, input) => {
  const stack = branching(recordCount, rejected);
  expect(synthErrors(stack)).toBe('');
  const run = await simulate(stack, { input });
  expect([run.status, run.output]).toEqual(['SUCCEEDED', way]);
  expect(run.entered).toContain('Behind');
});

test('a way may end the run, and then it does not join', async () => {
  const run = await simulate(branching(10, 10));
  expect([run.status, run.error]).toEqual(['FAILED', 'Spoiled']);
});

test('the last way is the default of the Choice', () => {
  expect(aslOf(branching(0)).States['How many?']).toMatchObject({ Type: 'Choice', Default: 'few' });
});

test('fails without a condition', () => {
  const stack = testStack();
  expect(() => new Branch(stack, 'Which?').otherwise(Pass.jsonata(stack, 'Past'))).toThrow("[Test] branch 'Which?' has one way only");
});

test.each([
  [() => When.recordsAtLeast(-1), 'a count of -1 is none'],
  [() => When.rejectedAtLeast(0.5), 'a count of 0.5 is none'],
  [() => When.rejectedShareAtLeast(2), 'a share of 2 is none'],
  [() => When.jsonata('$dataset.recordCount > 1'), 'put it in {% %}'],
])('a condition that cannot be meant is refused', (make, message) => {
  expect(make).toThrow(message);
});
