import { Duration } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type INextable, Parallel, type State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { DataBucket } from '../data-bucket';
import { DataFormat } from '../dataset';
import { allowRead } from '../private/bucket-access';
import { PipelineError } from '../private/error';
import { jsonata } from '../private/jsonata';
import { WORK } from '../private/keys';
import { TRANSACTION_ERRORS, transactionArguments, transactionBranch } from '../private/redshift-transaction';
import { parseTableName, type TableName } from '../runtime/shared/identifier';
import { Step, type StepProps } from '../step';
import type { LoadMode } from './load-mode';
import { loadArguments, loadSql } from './load-sql';
import type { Warehouse } from './warehouse';

/** What is loaded where. */
export interface RedshiftLoadProps extends StepProps {
  /** The warehouse. */
  readonly warehouse: Warehouse;

  /** The table: `schema.table` or `table`; a part with other characters than letters, digits and `_` in double quotes, as in SQL. */
  readonly table: string;

  /** What happens to rows that the table already has. */
  readonly mode: LoadMode;

  /**
   * Whether a missing table, and its schema, are created from the columns of the dataset. The database user then needs the right to create in
   * the database, even if both exist already; set it to false for a user who may only load.
   * @default true
   */
  readonly createTable?: boolean;

  /**
   * How long one try of the transaction may take before it is cancelled. At most 4 hours, so that three tries fit into the history of a run.
   * @default Duration.hours(2)
   */
  readonly timeout?: Duration;

  /**
   * Where the rows come from. Joined steps must have the same bucket.
   * @default - the stack's `DataBucket`
   */
  readonly bucket?: IBucket;
}

/**
 * Loads a dataset into a Redshift table in one transaction.
 *
 * At run time a batch of statements stages the files in a temporary table with COPY, checks the count against the manifest, and then appends,
 * replaces or merges; when anything fails, nothing has changed. The machine waits at intervals that double from 2 to 120 seconds. A statement
 * that failed is submitted again as a new one; one that takes too long is cancelled.
 *
 * @example
 * const load = new RedshiftLoad(this, 'Load', {
 *   warehouse: Warehouse.serverless({ workgroup: 'analytics', database: 'dev' }),
 *   table: 'analytics.orders',
 *   mode: LoadMode.upsert('order_id'),
 * });
 *
 * @see https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
 */
export class RedshiftLoad extends Step {
  public readonly startState: State;
  public readonly endStates: INextable[];

  /** Where the rows come from. */
  public readonly bucket: IBucket;
  /** The warehouse. */
  public readonly warehouse: Warehouse;

  constructor(scope: Construct, id: string, props: RedshiftLoadProps) {
    super(scope, id, props);
    this.bucket = props.bucket ?? DataBucket.of(this);
    this.warehouse = props.warehouse;
    if (props.warehouse.copyRole) allowRead(props.warehouse.copyRole, this.bucket, WORK);

    const timeout = props.timeout ?? Duration.hours(2);
    const { statements, copyIndex } = loadSql({
      table: this.tableName(props.table),
      mode: props.mode,
      createTable: props.createTable ?? true,
      copyRole: props.warehouse._copyRole(),
    });
    const transaction = Parallel.jsonata(this, 'Transaction', {
      // Evaluated anew on each try: every one is a transaction of its own, with its own token and deadline.
      arguments: { ...transactionArguments(this, timeout), ...loadArguments(props.mode) },
      comment: this.describe({
        entry: true,
        reads: [DataFormat.PARQUET, DataFormat.JSON_LINES],
        bucket: this.bucket.bucketName,
        needsWindow: props.mode.name === 'append' || props.mode.tombstone !== undefined,
        raises: TRANSACTION_ERRORS,
      }),
      assign: { dataset: withCount('$states.result[0]') },
      outputs: withCount('$states.result[0]'),
    });
    const { warehouse } = props;
    const branch = transactionBranch(this, { warehouse, timeout, statements, counted: copyIndex, copy: copyIndex, comment: this.describe() });
    this.startState = transaction;
    this.endStates = [transaction];
    this.prefixStates();
    // a Parallel takes its states with the names they have at that moment, and refuses those of a second step
    transaction.branch(branch);
  }

  protected override skippedDataset(): string {
    return withCount('0');
  }

  private tableName(table: string): TableName {
    try {
      return parseTableName(table);
    } catch (error) {
      throw new PipelineError((error as Error).message, this);
    }
  }
}

/** The dataset with the number of rows that COPY loaded. */
function withCount(loaded: string): string {
  return jsonata(`$merge([$dataset, {'counts': $merge([$dataset.counts, {'loaded': ${loaded}}])}])`);
}
