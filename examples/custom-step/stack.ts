import { Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Choice, Condition, Pass } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { AlertPolicy, CleanRule, DataPipeline, LambdaClean, LoadMode, RdsExtract, RedshiftLoad, RetryPolicy, SnsNotify } from '../../lib';
import { Existing } from '../existing';
import { RecordRun } from './record-run';

/** Steps of the library, a step of your own and native states in one machine, all under the same policies. */
export class CustomStepStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const { source, warehouse } = new Existing(this, 'Existing');
    const topic = new Topic(this, 'Team', { enforceSSL: true });
    const runs = new TableV2(this, 'Runs', {
      partitionKey: { name: 'run_id', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });

    const extract = new RdsExtract(this, 'Extract', { source, table: 'sales.customers', excludeColumns: ['phone'] });
    const clean = new LambdaClean(this, 'Clean', { rules: [CleanRule.trim()], retry: RetryPolicy.custom({ maxAttempts: 1 }) });
    const load = new RedshiftLoad(this, 'Load', { warehouse, table: 'analytics.customers', mode: LoadMode.replace() });
    const record = new RecordRun(this, 'Record', { runs });
    const notify = new SnsNotify(this, 'Notify', { topic });

    const small = Pass.jsonata(this, 'Too small to trust', { outputs: '{% $dataset %}' });
    const enough = Choice.jsonata(this, 'Enough rows?')
      .when(Condition.jsonata('{% $dataset.recordCount >= 3 %}'), load)
      .otherwise(small)
      .afterwards();

    new DataPipeline(this, 'Customers', {
      definition: extract.next(clean).next(enough).next(record).next(notify),
      alerts: AlertPolicy.toTopic(topic),
    });
  }
}
