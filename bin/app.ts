import { App } from 'aws-cdk-lib';
import { CustomStepStack } from '../examples/custom-step/stack';
import { MinimalStack } from '../examples/minimal/stack';
import { OrdersToRedshiftStack } from '../examples/orders-to-redshift/stack';
import { OwnTableStack } from '../examples/own-table/stack';

/** The app that `cdk.json` runs: one example, picked with `-c example=NAME`, or a table of your own with `-c source:table=NAME -c source:key=COL,COL`. */
const app = new App();
const table: string | undefined = app.node.tryGetContext('source:table');
const key: string = app.node.tryGetContext('source:key') ?? '';
const example: string = table ? 'own-table' : (app.node.tryGetContext('example') ?? 'orders-to-redshift');

switch (example) {
  case 'minimal':
    new MinimalStack(app, 'Minimal');
    break;
  case 'custom-step':
    new CustomStepStack(app, 'CustomStep');
    break;
  case 'own-table':
    new OwnTableStack(app, 'OwnTable', { table: table ?? 'customers', key: key.split(',').filter(Boolean) });
    break;
  case 'orders-to-redshift':
    new OrdersToRedshiftStack(app, 'OrdersToRedshift');
    break;
  default:
    throw new Error(`there is no example '${example}'; choose one of minimal, orders-to-redshift, custom-step, own-table`);
}
