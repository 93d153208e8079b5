import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { type Chain, Parallel, TaskInput, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { AlertPolicy, DataPipeline, LambdaClean, LoadMode, RdsExtract, RedshiftLoad } from '../../lib';
import { Existing } from '../existing';

/**
 * Independent tables at once. `$dataset` is each branch's own; a branch gives its dataset as its output, so the Parallel gives the list of them. When one branch
 * fails for good, the others are cancelled, and the team is told once.
 */
export class ParallelSourcesStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const existing = new Existing(this, 'Existing');
    const topic = new Topic(this, 'Team', { enforceSSL: true });

    const both = Parallel.jsonata(this, 'Both').branch(this.move('Customers', existing)).branch(this.move('Products', existing));
    const notify = SnsPublish.jsonata(this, 'Notify', {
      topic,
      subject: 'Customers and products are there',
      message: TaskInput.fromText("{% $join($states.input.(name & ': ' & $string(recordCount) & ' rows'), '\\n') %}"),
      taskTimeout: Timeout.duration(Duration.minutes(1)),
      outputs: '{% $states.input %}',
    });

    new DataPipeline(this, 'Pipeline', { definition: both.next(notify), alerts: AlertPolicy.toTopic(topic) });
  }

  private move(name: string, { source, warehouse }: Existing): Chain {
    const extract = new RdsExtract(this, `Extract${name}`, { source, table: `sales.${name.toLowerCase()}` });
    const clean = new LambdaClean(this, `Clean${name}`);
    const load = new RedshiftLoad(this, `Load${name}`, { warehouse, table: `analytics.${name.toLowerCase()}`, mode: LoadMode.replace() });
    return extract.next(clean).next(load.skipWhenEmpty());
  }
}
