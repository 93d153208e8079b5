import { ParallelSourcesStack } from '../examples/parallel-sources/stack';
import { fail, simulate } from '../lib/testing';
import { testApp } from './support/app';

const stack = new ParallelSourcesStack(testApp(), 'ParallelSources');

test.each([{}, { rows: 0 }])('gives the list of datasets with %j', async (options) => {
  const run = await simulate(stack, options);
  expect(run.status).toBe('SUCCEEDED');
  expect((run.output as { name: string }[]).map(({ name }) => name)).toEqual(['sales.customers', 'sales.products']);
});

test('one branch that fails cancels the other, and is told of once', async () => {
  const run = await simulate(stack, { faults: [fail('CleanCustomers')] });
  expect([run.status, run.published.length]).toEqual(['FAILED', 1]);
  expect(run.entered).not.toContain('Notify');
});
