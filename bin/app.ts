import { App } from 'aws-cdk-lib';
import { EXAMPLES } from './examples';

/** The app that `cdk.json` runs: one example, picked with `-c example=NAME`, or a table of your own with `-c source:table=NAME -c source:key=COL,COL`. */
const app = new App();
const example: string = app.node.tryGetContext('source:table') ? 'own-table' : (app.node.tryGetContext('example') ?? 'orders-to-redshift');
const make = EXAMPLES[example];
if (!make) throw new Error(`there is no example '${example}'; choose one of ${Object.keys(EXAMPLES).join(', ')}`);
make(app);
