import { join } from 'node:path';
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import {
  CloudWatchEncryption,
  Code,
  GlueVersion,
  type IJob,
  JobBookmarksEncryption,
  PySparkEtlJob,
  SecurityConfiguration,
  WorkerType,
} from 'aws-cdk-lib/aws-glue';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { DataBucket } from '../data-bucket';
import { DataFormat } from '../dataset';
import { acknowledge, acknowledgeWildcard } from '../private/acknowledge';
import { allowMove, allowRead, allowWrite, readStatements } from '../private/bucket-access';
import { PipelineError } from '../private/error';
import { jsonata, literal } from '../private/jsonata';
import { attemptPrefix, WORK } from '../private/keys';
import { requireColumns } from '../private/require-columns';
import { ServiceCall } from '../private/service-call';
import { Step, type StepProps } from '../step';

/** How rows become Parquet. */
export interface GlueParquetProps extends StepProps {
  /**
   * Columns whose values split the files into folders. They stay in the files too, because Redshift's COPY reads files only.
   * @default - not partitioned
   */
  readonly partitionBy?: string[];

  /**
   * Size of a worker.
   * @default WorkerType.G_1X
   */
  readonly workerType?: WorkerType;

  /**
   * Number of workers, at least 2; with auto scaling the most there may be.
   * @default 2
   */
  readonly workers?: number;

  /**
   * How long a conversion may take.
   * @default Duration.hours(1)
   */
  readonly timeout?: Duration;

  /**
   * How many runs of the job may overlap, so that a retry does not fail on a predecessor that is still being stopped.
   * @default 3
   */
  readonly maxConcurrentRuns?: number;

  /**
   * The key that the job's logs are encrypted with. It must allow CloudWatch Logs to use it.
   * @default - the key that CloudWatch Logs manages
   */
  readonly encryptionKey?: IKey;

  /**
   * Where the rows come from and go to. Joined steps must have the same bucket.
   * @default - the stack's `DataBucket`
   */
  readonly bucket?: IBucket;

  /**
   * The role of the job. It is granted what the job needs, if it can be changed.
   * @default - a role of its own
   */
  readonly role?: IRole;
}

/**
 * Converts a dataset to Parquet with a Glue Spark job.
 *
 * At run time the machine starts the job and waits for it (`.sync`). The job casts each column to the type that the dataset says, writes the
 * files and, last, a manifest with exact counts and lengths. The machine then reads the small `dataset.json`, because a job returns nothing.
 *
 * @example
 * const parquet = new GlueParquet(this, 'Parquet', { partitionBy: ['order_date'] });
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html
 */
export class GlueParquet extends Step {
  public readonly startState: State;
  public readonly endStates: INextable[];

  /** The job. */
  public readonly job: IJob;
  /** Where the rows come from and go to. */
  public readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: GlueParquetProps = {}) {
    super(scope, id, props);
    const workers = props.workers ?? 2;
    if (!Number.isInteger(workers) || workers < 2) throw new PipelineError(`workers must be a whole number of at least 2, got ${workers}`, this);
    const timeout = props.timeout ?? Duration.hours(1);
    this.bucket = props.bucket ?? DataBucket.of(this);
    this.job = this.defineJob(props, timeout, workers);
    const convert = this.convertState(props.partitionBy ?? [], timeout);
    const read = this.readState();
    convert.next(read);
    this.startState = convert;
    this.endStates = [read];
    this.prefixStates();
  }

  private defineJob(props: GlueParquetProps, timeout: Duration, workers: number): IJob {
    const role =
      props.role ?? new Role(this, 'JobRole', { assumedBy: new ServicePrincipal('glue.amazonaws.com'), description: 'Converts datasets to Parquet' });
    allowRead(role, this.bucket, WORK);
    allowWrite(role, this.bucket, WORK);
    allowMove(role, this.bucket, WORK);
    this.allowLogs(role);
    const job = new PySparkEtlJob(this, 'Job', {
      description: 'Converts a cleaned dataset to Parquet',
      script: Code.fromAsset(join(__dirname, '..', '..', 'assets', 'glue', 'parquet.py')),
      role,
      glueVersion: GlueVersion.V5_1,
      workerConfiguration: { workerType: props.workerType ?? WorkerType.G_1X, numberOfWorkers: workers },
      // The state machine retries. A Glue retry under it would multiply the tries.
      maxRetries: 0,
      maxConcurrentRuns: props.maxConcurrentRuns ?? 3,
      timeout,
      defaultArguments: { '--enable-auto-scaling': 'true' },
      securityConfiguration: props.encryptionKey ? this.defineSecurity(props.encryptionKey) : undefined,
    });
    this.acknowledgeJob(job, role, props.encryptionKey !== undefined);
    return job;
  }

  private allowLogs(role: IRole): void {
    const logs = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: '/aws-glue/jobs/*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logs] }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': 'Glue' } },
      }),
    );
    acknowledgeWildcard(role, logs, 'Glue names the log groups of its jobs itself, all under /aws-glue/jobs.');
    acknowledgeWildcard(role, '*', 'cloudwatch:PutMetricData has no resource scope; the condition ends it at the namespace Glue.');
  }

  private defineSecurity(key: IKey): SecurityConfiguration {
    return new SecurityConfiguration(this, 'Security', {
      cloudWatchEncryption: CloudWatchEncryption.kms(key),
      jobBookmarksEncryption: JobBookmarksEncryption.clientSideKms(key),
    });
  }

  private acknowledgeJob(job: PySparkEtlJob, role: IRole, encrypted: boolean): void {
    const stack = Stack.of(this);
    const script = 'CDK grants the job its own script this way.';
    acknowledgeWildcard(role, `arn:${stack.partition}:s3:::cdk-hnb659fds-assets-${stack.account}-${stack.region}/*`, script);
    for (const action of ['s3:GetObject*', 's3:GetBucket*', 's3:List*']) acknowledge(role, `AwsSolutions-IAM5[Action::${action}]`, script);
    if (encrypted) return;
    acknowledge(
      job,
      'AwsSolutions-GL1',
      'CloudWatch Logs encrypts at rest with its own key, and logs hold no row; pass encryptionKey for a key of yours.',
    );
    acknowledge(job, 'Annotation::@aws-cdk/aws-glue-alpha:unencryptedContinuousLogging', 'See AwsSolutions-GL1.');
    acknowledge(job, 'AwsSolutions-GL3', 'The job uses no bookmarks: the manifest says what to read.');
  }

  private convertState(partitionBy: string[], timeout: Duration): ServiceCall {
    const output = jsonata(`'s3://${this.bucket.bucketName}/' & ${attemptPrefix(WORK, this.id).slice(3, -3)}`);
    return new ServiceCall(this, 'Convert', Stack.of(this).partition, {
      resource: 'glue:startJobRun.sync',
      comment: this.describe({ entry: true, reads: [DataFormat.JSON_LINES], bucket: this.bucket.bucketName }),
      arguments: {
        JobName: this.job.jobName,
        Arguments: {
          '--source_manifest': jsonata('$dataset.manifest'),
          '--output': output,
          ...(partitionBy.length > 0 ? { '--partition_by': partitionColumns(partitionBy) } : {}),
        },
      },
      assign: { converted: jsonata("$lookup($states.result.Arguments, '--output')") },
      output: {},
      // Glue ends the job itself; this is the bound for when it does not answer.
      timeoutSeconds: timeout.toSeconds() + 600,
      policies: [
        new PolicyStatement({
          actions: ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun'],
          resources: [this.job.jobArn],
        }),
      ],
    });
  }

  private readState(): ServiceCall {
    const result = '$parse($states.result.Body)';
    const counts = `{'counts': $merge([$dataset.counts, {'converted': ${result}.recordCount}])}`;
    // Without it the rows before the conversion would be taken for its result.
    const dataset = jsonata(`$exists(${result}.manifest) ? $merge([$dataset, ${result}, ${counts}]) : $error('dataset.json names no manifest')`);
    return new ServiceCall(this, 'Read dataset', Stack.of(this).partition, {
      resource: 'aws-sdk:s3:getObject',
      comment: this.describe({ writes: DataFormat.PARQUET }),
      arguments: { Bucket: this.bucket.bucketName, Key: jsonata("$substringAfter($substringAfter($converted, '://'), '/') & '/dataset.json'") },
      assign: { dataset },
      output: dataset,
      timeoutSeconds: 60,
      policies: readStatements(this.bucket, WORK),
    });
  }
}

/** The types whose values make usable names of folders. */
const PARTITION_TYPES = ['smallint', 'integer', 'bigint', 'boolean', 'date', 'varchar'];

function partitionColumns(names: string[]): string {
  const only = { predicate: `$contains(type, /^(${PARTITION_TYPES.join('|')})/)`, called: PARTITION_TYPES.join(', ') };
  return jsonata(requireColumns({ what: 'partition column', names, only }, literal(names.join(','))));
}
