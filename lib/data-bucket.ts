import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './private/acknowledge';
import { REJECTS, RUNS, WORK } from './private/keys';

/** How a data bucket keeps its objects. */
export interface DataBucketProps {
  /**
   * The key that objects are encrypted with.
   * @default - the key that Amazon S3 manages
   */
  readonly encryptionKey?: IKey;

  /**
   * How long what steps hand to each other, and the checkpoint of a run that failed, are kept; a run can be resumed this long.
   * @default Duration.days(30)
   */
  readonly workExpiration?: Duration;

  /**
   * How long rejected rows are kept.
   * @default Duration.days(365)
   */
  readonly rejectsExpiration?: Duration;

  /**
   * What happens to the bucket when it is removed from the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The bucket that steps hand datasets through: encrypted, TLS only, not public. Objects under `work/` and `runs/` expire; rejected rows lie under `rejects/`
 * with the reason.
 */
export class DataBucket extends Construct {
  /** The bucket that all steps of a stack share unless they are given one. It is defined on first use. */
  public static of(scope: Construct): IBucket {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild('DataPipelineBucket') as DataBucket | undefined;
    return (existing ?? new DataBucket(stack, 'DataPipelineBucket')).bucket;
  }

  /** The bucket itself. */
  public readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: DataBucketProps = {}) {
    super(scope, id);
    const work = props.workExpiration ?? Duration.days(30);
    this.bucket = new Bucket(this, 'Resource', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: props.encryptionKey ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: props.encryptionKey ? true : undefined,
      enforceSSL: true,
      lifecycleRules: [
        { id: 'work', prefix: `${WORK}/`, expiration: work },
        { id: 'runs', prefix: `${RUNS}/`, expiration: work },
        { id: 'rejects', prefix: `${REJECTS}/`, expiration: props.rejectsExpiration ?? Duration.days(365) },
        { id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
    acknowledge(
      this.bucket,
      'AwsSolutions-S1',
      'Only the roles of the pipeline read this bucket; access logs are the choice of the account (pass a bucket of your own).',
    );
  }
}
