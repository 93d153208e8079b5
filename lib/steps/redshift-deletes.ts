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
import { deletesArguments, deletesSql } from './deletes-sql';
import type { Warehouse } from './warehouse';

/** Which rows of which table are deleted, and how. */
export interface RedshiftDeletesProps extends StepProps {
  /** The warehouse. */
  readonly warehouse: Warehouse;

  /** The table: `schema.table` or `table`; a part with other characters than letters, digits and `_` in double quotes, as in SQL. */
  readonly table: string;

  /** The columns that tell rows apart, in the table and in the dataset of keys. */
  readonly key: string[];

  /**
   * The largest share of the table's rows that one run may delete, from 0 to 1. More fails the step before anything is deleted: a source that lost
   * its rows, or the wrong table, must not empty the warehouse.
   * @default 0.1
   */
  readonly maxShare?: number;

  /**
   * A `timestamp` or `timestamptz` column of the table that is set to the time of the run, in place of deleting the row. It becomes NULL again when
   * the key comes back. The table must have the column, and the source must not.
   * @default - rows are deleted
   */
  readonly softDelete?: string;

  /**
   * The column of the table that says when a row last changed, which extraction is incremental by. Rows that changed less than `grace` before the run
   * are left for a later one, since another run may have loaded them after the keys were read.
   * @default - every row may be deleted; keep other runs from loading the table meanwhile
   */
  readonly version?: string;

  /**
   * How long before the run a row must have changed last to be deleted. It must be longer than transactions of the source last, and cover the time zone
   * of a `timestamp` without one. A run that goes on with keys which another one read has to start before it is over: extract them again after that, or
   * rows that came in between would look deleted.
   * @default Duration.days(1)
   */
  readonly grace?: Duration;

  /**
   * Whether rows are deleted although cleaning rejected keys. A row whose key is rejected looks deleted, so allow it only if the rules reject no key
   * that the table may hold, as a cast does.
   * @default false
   */
  readonly allowRejectedKeys?: boolean;

  /**
   * How long one try of the transaction may take before it is cancelled. At most 4 hours.
   * @default Duration.hours(2)
   */
  readonly timeout?: Duration;

  /**
   * Where the keys come from. Joined steps must have the same bucket.
   * @default - the stack's `DataBucket`
   */
  readonly bucket?: IBucket;
}

/**
 * Deletes the rows of a Redshift table whose keys are not in the source any more.
 *
 * Chain it behind an extraction of the key columns of the whole table, cleaned by the rules that the load's keys go through. It takes keys, not rows,
 * so that a row that cleaning rejects elsewhere never counts as deleted. At run time one transaction stages the keys, checks their number, counts what
 * is gone, refuses to go on above `maxShare`, and deletes or marks. A run that is repeated changes nothing.
 *
 * @example
 * const keys = new RdsExtract(this, 'Keys', { source, table: 'sales.orders', columns: ['order_id'] });
 * const deletes = new RedshiftDeletes(this, 'Deletes', { warehouse, table: 'analytics.orders', key: ['order_id'], version: 'updated_at' });
 *
 * new DataPipeline(this, 'OrderDeletes', {
 *   definition: keys.next(new LambdaClean(this, 'CleanKeys')).next(deletes),
 *   alerts: AlertPolicy.toTopic(topic),
 * });
 */
export class RedshiftDeletes extends Step {
  public readonly startState: State;
  public readonly endStates: INextable[];

  /** Where the keys come from. */
  public readonly bucket: IBucket;
  /** The warehouse. */
  public readonly warehouse: Warehouse;

  constructor(scope: Construct, id: string, props: RedshiftDeletesProps) {
    super(scope, id, props);
    const { key, warehouse, maxShare = 0.1, timeout = Duration.hours(2) } = props;
    if (key.length === 0) throw new PipelineError("key is empty; name the columns that tell rows apart, as in key: ['order_id']", this);
    if (!(maxShare >= 0 && maxShare <= 1)) throw new PipelineError(`maxShare is ${maxShare}; it is a share of the table's rows, from 0 to 1`, this);
    this.bucket = props.bucket ?? DataBucket.of(this);
    this.warehouse = warehouse;
    if (warehouse.copyRole) allowRead(warehouse.copyRole, this.bucket, WORK);

    const sqlProps = {
      ...props,
      table: this.tableName(props.table),
      maxShare,
      grace: props.grace ?? Duration.days(1),
      copyRole: warehouse._copyRole(),
    };
    const { statements, copyIndex, deleteIndex } = deletesSql(sqlProps);
    const counted = jsonata("$merge([$dataset, {'counts': $merge([$dataset.counts, {'deleted': $states.result[0]}])}])");
    const transaction = Parallel.jsonata(this, 'Transaction', {
      arguments: { ...transactionArguments(this, timeout), ...deletesArguments(sqlProps) },
      comment: this.describe({
        entry: true,
        reads: [DataFormat.PARQUET, DataFormat.JSON_LINES],
        bucket: this.bucket.bucketName,
        raises: TRANSACTION_ERRORS,
      }),
      assign: { dataset: counted },
      outputs: counted,
    });
    const branch = transactionBranch(this, { warehouse, timeout, statements, counted: deleteIndex, copy: copyIndex, comment: this.describe() });
    this.startState = transaction;
    this.endStates = [transaction];
    this.prefixStates();
    // a Parallel takes its states with the names they have at that moment, and refuses those of a second step
    transaction.branch(branch);
  }

  private tableName(table: string): TableName {
    try {
      return parseTableName(table);
    } catch (error) {
      throw new PipelineError((error as Error).message, this);
    }
  }
}
