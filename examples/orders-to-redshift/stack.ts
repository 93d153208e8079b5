import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  AlertPolicy,
  CleanRule,
  DataPipeline,
  GlueParquet,
  Incremental,
  LambdaClean,
  LoadMode,
  RdsExtract,
  RedshiftLoad,
  RetryPolicy,
  SnsNotify,
} from '../../lib';
import { Existing } from '../existing';

/** The five steps, every hour, only what changed. */
export class OrdersToRedshiftStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const { source, warehouse } = new Existing(this, 'Existing');
    const topic = new Topic(this, 'Team', { enforceSSL: true, masterKey: new Key(this, 'TeamKey', { enableKeyRotation: true }) });

    const extract = new RdsExtract(this, 'Extract', { source, table: 'sales.orders', incremental: Incremental.by('updated_at') });
    const clean = new LambdaClean(this, 'Clean', {
      rules: [
        CleanRule.trim(),
        CleanRule.nullIf(['', 'N/A', '-']),
        CleanRule.required('order_id', 'total'),
        CleanRule.cast('order_id', 'bigint'),
        CleanRule.cast('customer_id', 'integer'),
        CleanRule.cast('total', 'decimal(12,2)'),
        CleanRule.cast('ordered_at', 'timestamp'),
        CleanRule.allowed('status', 'new', 'paid', 'shipped', 'cancelled'),
        CleanRule.matches('email', '^[^@\\s]+@[^@\\s]+$'),
        CleanRule.range('total', { min: '0' }),
        CleanRule.unique('order_id'),
      ],
    });
    const parquet = new GlueParquet(this, 'Parquet', { partitionBy: ['status'] });
    const load = new RedshiftLoad(this, 'Load', { warehouse, table: 'analytics.orders', mode: LoadMode.upsert('order_id') });
    const notify = new SnsNotify(this, 'Notify', { topic });

    new DataPipeline(this, 'Orders', {
      definition: extract.next(clean).next(parquet).next(load.skipWhenEmpty()).next(extract.commit()).next(notify),
      retry: RetryPolicy.twice(),
      alerts: AlertPolicy.toTopic(topic),
      schedule: ScheduleExpression.rate(Duration.hours(1)),
    });
  }
}
