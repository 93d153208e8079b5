import { Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlertPolicy, DataPipeline, GlueParquet, LambdaClean, LoadMode, RdsExtract, RedshiftLoad, SnsNotify } from '../../lib';
import { Existing } from '../existing';

export interface OwnTableStackProps extends StackProps {
  /** The table in the source, `schema.table` or `table`. */
  readonly table: string;
  /** The columns that tell its rows apart. */
  readonly key: string[];
}

/** Any table by its key: what `npm run demo -- --source-sql FILE --table NAME --key COL` runs. */
export class OwnTableStack extends Stack {
  constructor(scope: Construct, id: string, props: OwnTableStackProps) {
    super(scope, id, props);
    const { source, warehouse } = new Existing(this, 'Existing');
    const topic = new Topic(this, 'Team', { enforceSSL: true });
    const [name] = /("(?:[^"]|"")+"|[^.]+)$/.exec(props.table) ?? [props.table];

    const extract = new RdsExtract(this, 'Extract', { source, table: props.table });
    const clean = new LambdaClean(this, 'Clean');
    const parquet = new GlueParquet(this, 'Parquet');
    const load = new RedshiftLoad(this, 'Load', { warehouse, table: `analytics.${name}`, mode: LoadMode.upsert(...props.key) });
    const notify = new SnsNotify(this, 'Notify', { topic });

    new DataPipeline(this, 'Table', {
      definition: extract.next(clean).next(parquet).next(load.skipWhenEmpty()).next(notify),
      alerts: AlertPolicy.toTopic(topic),
    });
  }
}
