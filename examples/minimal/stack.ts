import { Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlertPolicy, CleanRule, DataPipeline, LambdaClean, LoadMode, RdsExtract, RedshiftLoad, SnsNotify } from '../../lib';
import { Existing } from '../existing';

/** The smallest useful pipeline: a small table, copied whole on every run, without Glue. */
export class MinimalStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const { source, warehouse } = new Existing(this, 'Existing');
    const topic = new Topic(this, 'Team', { enforceSSL: true });

    const extract = new RdsExtract(this, 'Extract', { source, table: 'sales.customers' });
    const clean = new LambdaClean(this, 'Clean', { rules: [CleanRule.trim(), CleanRule.required('customer_id')] });
    const load = new RedshiftLoad(this, 'Load', { warehouse, table: 'analytics.customers', mode: LoadMode.replace() });
    const notify = new SnsNotify(this, 'Notify', { topic });

    new DataPipeline(this, 'Customers', {
      definition: extract.next(clean).next(load.skipWhenEmpty()).next(notify),
      alerts: AlertPolicy.toTopic(topic),
    });
  }
}
