import { Duration, Stack } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type INextable, Parallel, type State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { DataBucket } from '../data-bucket';
import { writeStatements } from '../private/bucket-access';
import { PipelineError } from '../private/error';
import { jsonata } from '../private/jsonata';
import { AUDITS } from '../private/keys';
import { TRANSACTION_ERRORS, transactionArguments, transactionBranch } from '../private/redshift-transaction';
import { ServiceCall } from '../private/service-call';
import { parseTableName, type TableName } from '../runtime/shared/identifier';
import { Step, type StepProps } from '../step';
import { AUDIT_REPORT, auditSql, whenCountsMeet } from './audit-sql';
import type { Warehouse } from './warehouse';

/** Where audits go. */
export interface RunAuditProps extends StepProps {
  /** The warehouse. */
  readonly warehouse: Warehouse;

  /**
   * The table that holds a row of each run: `schema.table` or `table`. It is created if it is missing, and may serve many pipelines.
   * @default analytics.run_audits
   */
  readonly table?: string;

  /**
   * How long one try of writing the row may take before it is cancelled. At most 4 hours.
   * @default Duration.hours(1)
   */
  readonly timeout?: Duration;

  /**
   * Where the object of each run goes, under `audits/`.
   * @default - the stack's `DataBucket`
   */
  readonly bucket?: IBucket;
}

/**
 * Reconciles a run: holds the counts of its steps against each other, and keeps them with window and schema.
 *
 * Chain it behind the load and before `extract.commit()`. At run time counts that do not meet fail the run with both numbers, before the watermark
 * moves: extracted = cleaned + rejected + deduplicated, cleaned = converted = loaded. If they meet, `audits/<pipeline>/<run id>.json` is written to S3, and a
 * row of the run to a table of the warehouse, in a transaction of its own. A step that is tried again leaves one row.
 *
 * @example
 * const audit = new RunAudit(this, 'Audit', { warehouse });
 *
 * new DataPipeline(this, 'Orders', {
 *   definition: extract.next(clean).next(load.skipWhenEmpty()).next(audit).next(extract.commit()).next(notify),
 *   alerts: AlertPolicy.toTopic(topic),
 * });
 */
export class RunAudit extends Step {
  public readonly startState: State;
  public readonly endStates: INextable[];

  /** Where the object of each run goes. */
  public readonly bucket: IBucket;
  /** The warehouse. */
  public readonly warehouse: Warehouse;

  constructor(scope: Construct, id: string, props: RunAuditProps) {
    super(scope, id, props);
    const { warehouse, table = 'analytics.run_audits', timeout = Duration.hours(1) } = props;
    this.bucket = props.bucket ?? DataBucket.of(this);
    this.warehouse = warehouse;
    const report = new ServiceCall(this, 'Report', Stack.of(this).partition, {
      resource: 'aws-sdk:s3:putObject',
      comment: this.describe({ entry: true, bucket: this.bucket.bucketName }),
      arguments: {
        Bucket: this.bucket.bucketName,
        Key: jsonata(`'${AUDITS}/' & $states.context.StateMachine.Name & '/' & $states.context.Execution.Name & '.json'`),
        Body: jsonata(whenCountsMeet(AUDIT_REPORT)),
        ContentType: 'application/json',
      },
      output: {},
      timeoutSeconds: 60,
      policies: writeStatements(this.bucket, AUDITS),
    });
    const statements = auditSql(this.tableName(table));
    const row = Parallel.jsonata(this, 'Row', {
      arguments: { ...transactionArguments(this, timeout), audited_at: jsonata('$now()') },
      comment: this.describe({ raises: TRANSACTION_ERRORS }),
      outputs: jsonata('$dataset'),
    });
    const last = statements.length - 1;
    const branch = transactionBranch(this, { warehouse, timeout, statements, counted: last, copy: last, comment: this.describe() });
    report.next(row);
    this.startState = report;
    this.endStates = [row];
    this.prefixStates();
    // a Parallel takes its states with the names they have at that moment, and refuses those of a second step
    row.branch(branch);
  }

  private tableName(table: string): TableName {
    try {
      return parseTableName(table);
    } catch (error) {
      throw new PipelineError((error as Error).message, this);
    }
  }
}
