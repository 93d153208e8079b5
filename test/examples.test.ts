import type { App, Stack } from 'aws-cdk-lib';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AuditedStack } from '../examples/audited/stack';
import { CustomStepStack } from '../examples/custom-step/stack';
import { MinimalStack } from '../examples/minimal/stack';
import { NativeTasksStack } from '../examples/native-tasks/stack';
import { OrdersToRedshiftStack } from '../examples/orders-to-redshift/stack';
import { OwnTableStack } from '../examples/own-table/stack';
import { ParallelSourcesStack } from '../examples/parallel-sources/stack';
import { PollExternalJobStack } from '../examples/poll-external-job/stack';
import { RetryPolicy } from '../lib';
import { check } from '../lib/asl';
import { withoutErrors } from '../lib/asl/without-errors';
import { aslOf, mermaidOf } from '../lib/testing';
import { testApp } from './support/app';
import { expectGolden } from './support/golden';
import { expectReadmeDiagram } from './support/readme';

const examples: [string, (app: App) => Stack][] = [
  ['minimal', (app) => new MinimalStack(app, 'Minimal')],
  ['orders-to-redshift', (app) => new OrdersToRedshiftStack(app, 'OrdersToRedshift')],
  ['custom-step', (app) => new CustomStepStack(app, 'CustomStep')],
  ['audited', (app) => new AuditedStack(app, 'Audited')],
  ['own-table', (app) => new OwnTableStack(app, 'OwnTable', { table: 'public.track', key: ['track_id'] })],
  ['native-tasks', (app) => new NativeTasksStack(app, 'NativeTasks')],
  ['parallel-sources', (app) => new ParallelSourcesStack(app, 'ParallelSources')],
  ['poll-external-job', (app) => new PollExternalJobStack(app, 'PollExternalJob')],
];

describe.each(examples)('example %s', (name, make) => {
  test('has the definition of its golden file', () => {
    expectGolden(name, aslOf(make(testApp())));
  });

  test('has nothing that AwsSolutions finds and nobody acknowledged', () => {
    const app = testApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    make(app);
    expect(() => app.synth()).not.toThrow();
  });

  test('passes the check as it stands in the template', () => {
    const violations = check(aslOf(make(testApp())), { retry: RetryPolicy.twice()._render(), alert: { startAt: 'Alert: Publish' } });
    expect(violations.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

test('the README shows the reference pipeline as it is', () => {
  expectReadmeDiagram(mermaidOf(withoutErrors(aslOf(new OrdersToRedshiftStack(testApp(), 'OrdersToRedshift')))));
});
