import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  AlertPolicy,
  DataPipeline,
  Incremental,
  LambdaClean,
  LoadMode,
  RdsExtract,
  RedshiftLoad,
  RunAudit,
  SchemaPolicy,
  SnsNotify,
} from '../../lib';
import { Existing } from '../existing';

/** What changed in a table, with a row in the warehouse for every run that says what it moved. */
export class AuditedStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const { source, warehouse } = new Existing(this, 'Existing');
    const topic = new Topic(this, 'Team', { enforceSSL: true });

    const extract = new RdsExtract(this, 'Extract', {
      source,
      table: 'sales.payments',
      incremental: Incremental.by('updated_at', { overlap: Duration.minutes(10) }),
      schema: SchemaPolicy.FREEZE,
    });
    const clean = new LambdaClean(this, 'Clean');
    const load = new RedshiftLoad(this, 'Load', { warehouse, table: 'analytics.payments', mode: LoadMode.upsert('payment_id') });
    const audit = new RunAudit(this, 'Audit', { warehouse, table: 'analytics.run_audits' });

    new DataPipeline(this, 'Payments', {
      definition: extract
        .next(clean)
        .next(load.skipWhenEmpty())
        .next(audit)
        .next(extract.commit())
        .next(new SnsNotify(this, 'Notify', { topic })),
      alerts: AlertPolicy.toTopic(topic),
    });
  }
}
