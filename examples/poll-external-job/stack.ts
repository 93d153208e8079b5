import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Pass } from 'aws-cdk-lib/aws-stepfunctions';
import { DynamoAttributeValue, DynamoGetItem, DynamoPutItem } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { AlertPolicy, Branch, DataPipeline, PollUntil, SnsNotify, When } from '../../lib';

/**
 * A job that someone else does: it is asked for in a table, where its worker, outside AWS, writes how it stands. The run asks at growing intervals,
 * gives up at a deadline, and tells the team of large results only.
 */
export class PollExternalJobStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const topic = new Topic(this, 'Team', { enforceSSL: true });
    const jobs = new TableV2(this, 'Jobs', {
      partitionKey: { name: 'job', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    const job = { job: DynamoAttributeValue.fromString('{% $states.context.Execution.Name %}') };

    // The run's name is the job's: a try that is repeated asks for the same job.
    const request = DynamoPutItem.jsonata(this, 'Request', { table: jobs, item: { ...job, status: DynamoAttributeValue.fromString('REQUESTED') } });
    const ask = DynamoGetItem.jsonata(this, 'Ask', {
      table: jobs,
      key: job,
      consistentRead: true,
      outputs: "{% { 'status': $states.result.Item.status.S, 'rows': $number($states.result.Item.rows.N) } %}",
    });
    const done = new PollUntil(this, 'Job', {
      poll: ask,
      status: '{% $states.input.status %}',
      succeeded: ['DONE'],
      failed: ['FAILED', 'CANCELLED'],
      interval: Duration.seconds(10),
      deadline: Duration.hours(6),
    });
    const notify = new SnsNotify(this, 'Notify', { topic, subject: 'The job is done', message: "{% $string($states.input.rows) & ' rows' %}" });
    const told = new Branch(this, 'Worth telling?')
      .when(When.jsonata('{% $states.input.rows >= 1000 %}'), notify)
      .otherwise(Pass.jsonata(this, 'Not worth it'));

    new DataPipeline(this, 'Pipeline', { definition: request.next(done).next(told), alerts: AlertPolicy.toTopic(topic) });
  }
}
