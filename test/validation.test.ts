import type { App, Stack } from 'aws-cdk-lib';
import { CustomStepStack } from '../examples/custom-step/stack';
import { MinimalStack } from '../examples/minimal/stack';
import { OrdersToRedshiftStack } from '../examples/orders-to-redshift/stack';
import { OwnTableStack } from '../examples/own-table/stack';
import { testApp } from './support/app';

// The one file in which CDK's own validation of the template is on; the recommended flags make its findings errors.
beforeAll(() => {
  delete process.env.CDK_VALIDATION;
});

test.each<[string, (app: App) => Stack]>([
  ['minimal', (app) => new MinimalStack(app, 'Minimal')],
  ['orders-to-redshift', (app) => new OrdersToRedshiftStack(app, 'OrdersToRedshift')],
  ['custom-step', (app) => new CustomStepStack(app, 'CustomStep')],
  ['own-table', (app) => new OwnTableStack(app, 'OwnTable', { table: 'track', key: ['track_id'] })],
])('the validation that comes with CDK finds nothing in %s', (_, make) => {
  const app = testApp();
  make(app);
  expect(() => app.synth()).not.toThrow();
});
