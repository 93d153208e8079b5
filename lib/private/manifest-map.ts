import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { DistributedMap, type QueryLanguage, type StateGraph, type StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { explain } from './acknowledge';
import { readStatements } from './bucket-access';
import { jsonata } from './jsonata';
import { WORK } from './keys';

interface ManifestMapProps {
  readonly comment: string;
  readonly bucket: IBucket;
  /** JSONata for `s3://bucket/key` of the manifest whose entries are the items. */
  readonly manifest: string;
  /** JSONata in braces for the prefix under which the results go, without a slash at the end. */
  readonly results: string;
  readonly itemSelector: Record<string, unknown>;
  readonly maxConcurrency: number;
  readonly executionType: StateMachineType;
}

/**
 * A Distributed Map over the entries of a manifest, whose output says where the results of its children are: `{ results: 's3://bucket/key' }`. The readers
 * and writers of aws-stepfunctions grant the whole bucket, have no ItemsPointer, and write as asked only if the app has a feature flag set.
 */
export class ManifestMap extends DistributedMap {
  constructor(
    scope: Construct,
    id: string,
    private readonly own: ManifestMapProps,
  ) {
    const { Bucket, Key } = { Bucket: '$states.result.ResultWriterDetails.Bucket', Key: '$states.result.ResultWriterDetails.Key' };
    super(scope, id, {
      comment: own.comment,
      itemSelector: own.itemSelector,
      maxConcurrency: own.maxConcurrency,
      mapExecutionType: own.executionType,
      outputs: { results: jsonata(`'s3://' & ${Bucket} & '/' & ${Key}`) },
    });
  }

  public override toStateJson(queryLanguage?: QueryLanguage): object {
    const { bucket, manifest, results } = this.own;
    const resource = (call: string) => `arn:${Stack.of(this).partition}:states:::s3:${call}`;
    return {
      ...super.toStateJson(queryLanguage),
      QueryLanguage: 'JSONata',
      ItemReader: {
        Resource: resource('getObject'),
        ReaderConfig: { InputType: 'JSON', ItemsPointer: '/entries' },
        Arguments: { Bucket: bucket.bucketName, Key: jsonata(`$substringAfter($substringAfter(${manifest}, 's3://'), '/')`) },
      },
      ResultWriter: {
        Resource: resource('putObject'),
        Arguments: { Bucket: bucket.bucketName, Prefix: results },
        WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSONL' },
      },
    };
  }

  protected override whenBoundToGraph(graph: StateGraph): void {
    super.whenBoundToGraph(graph);
    const { bucket } = this.own;
    const actions = ['s3:PutObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'];
    const write = explain(
      new PolicyStatement({ actions, resources: [bucket.arnForObjects(`${WORK}/*`)] }),
      'Keys hold the run id, which is known at run time only; the statement ends at the area.',
    );
    const key = bucket.encryptionKey;
    const encrypt = key ? [new PolicyStatement({ actions: ['kms:GenerateDataKey'], resources: [key.keyArn] })] : [];
    for (const statement of [...readStatements(bucket, WORK), write, ...encrypt]) graph.registerPolicyStatement(statement);
  }
}
