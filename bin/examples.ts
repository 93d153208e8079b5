import type { App, Stack } from 'aws-cdk-lib';
import { AuditedStack } from '../examples/audited/stack';
import { CustomStepStack } from '../examples/custom-step/stack';
import { MinimalStack } from '../examples/minimal/stack';
import { NativeTasksStack } from '../examples/native-tasks/stack';
import { OrdersToRedshiftStack } from '../examples/orders-to-redshift/stack';
import { OwnTableStack } from '../examples/own-table/stack';
import { ParallelSourcesStack } from '../examples/parallel-sources/stack';
import { PollExternalJobStack } from '../examples/poll-external-job/stack';

/** Every example by its name. */
export const EXAMPLES: Readonly<Record<string, (app: App) => Stack>> = {
  minimal: (app) => new MinimalStack(app, 'Minimal'),
  'orders-to-redshift': (app) => new OrdersToRedshiftStack(app, 'OrdersToRedshift'),
  audited: (app) => new AuditedStack(app, 'Audited'),
  'custom-step': (app) => new CustomStepStack(app, 'CustomStep'),
  'own-table': (app) => {
    const context = (name: string): string | undefined => app.node.tryGetContext(name);
    return new OwnTableStack(app, 'OwnTable', {
      table: context('source:table') ?? 'customers',
      key: (context('source:key') ?? '').split(',').filter(Boolean),
    });
  },
  'native-tasks': (app) => new NativeTasksStack(app, 'NativeTasks'),
  'parallel-sources': (app) => new ParallelSourcesStack(app, 'ParallelSources'),
  'poll-external-job': (app) => new PollExternalJobStack(app, 'PollExternalJob'),
};
