import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Choice, Condition, Fail, type INextable, Parallel, Pass, type State, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { DataBucket } from '../data-bucket';
import { DataFormat } from '../dataset';
import { explain } from '../private/acknowledge';
import { allowRead } from '../private/bucket-access';
import { PipelineError } from '../private/error';
import { jsonata } from '../private/jsonata';
import { WORK } from '../private/keys';
import { ServiceCall } from '../private/service-call';
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

const FAILED = 'Redshift.StatementFailed';
const ABORTED = 'Redshift.StatementAborted';
const TIMED_OUT = 'Redshift.StatementTimedOut';

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
    const timeout = props.timeout ?? Duration.hours(2);
    if (timeout.toSeconds() > 14_400) {
      throw new PipelineError(
        `timeout is ${timeout.toHumanString()}, but three tries of more than 4 hours do not fit into the history of a run; lower it`,
        this,
      );
    }
    this.bucket = props.bucket ?? DataBucket.of(this);
    this.warehouse = props.warehouse;
    if (props.warehouse.copyRole) allowRead(props.warehouse.copyRole, this.bucket, WORK);

    const transaction = Parallel.jsonata(this, 'Transaction', {
      // Evaluated anew on each try: every one is a transaction of its own, with its own token and deadline.
      arguments: { token: jsonata('$uuid()'), deadline: jsonata(`$millis() + ${timeout.toMilliseconds()}`), ...loadArguments(props.mode) },
      comment: this.describe({
        entry: true,
        reads: [DataFormat.PARQUET, DataFormat.JSON_LINES],
        bucket: this.bucket.bucketName,
        needsWindow: props.mode.name === 'append' || props.mode.tombstone !== undefined,
        raises: [FAILED, ABORTED, TIMED_OUT],
      }),
      assign: { dataset: withCount('$states.result[0]') },
      outputs: withCount('$states.result[0]'),
    });
    const submit = this.branch(props, timeout);
    this.startState = transaction;
    this.endStates = [transaction];
    this.prefixStates();
    // a Parallel takes its states with the names they have at that moment, and refuses those of a second step
    transaction.branch(submit);
  }

  protected override skippedDataset(): string {
    return withCount('0');
  }

  private branch(props: RedshiftLoadProps, timeout: Duration): State {
    const { submit, copyIndex } = this.submitState(props);
    const wait = Wait.jsonata(this, 'Wait', { comment: this.describe(), time: WaitTime.seconds(jsonata('$delay')) });
    const describe = this.describeState(copyIndex);
    const finished = Pass.jsonata(this, 'Loaded', { comment: this.describe(), outputs: jsonata('$states.input.loaded') });
    const status = Choice.jsonata(this, 'Status', { comment: this.describe() })
      .when(Condition.jsonata(jsonata("$states.input.status = 'FINISHED'")), finished)
      .when(Condition.jsonata(jsonata("$states.input.status = 'FAILED'")), this.failState('Failed', FAILED, 'failed'))
      .when(Condition.jsonata(jsonata("$states.input.status = 'ABORTED'")), this.failState('Aborted', ABORTED, 'was aborted'))
      .when(Condition.jsonata(jsonata('$millis() > $deadline')), this.cancelState(timeout))
      .otherwise(wait);
    submit.next(wait).next(describe).next(status);
    return submit;
  }

  private tableName(table: string): TableName {
    try {
      return parseTableName(table);
    } catch (error) {
      throw new PipelineError((error as Error).message, this);
    }
  }

  private submitState(props: RedshiftLoadProps): { submit: ServiceCall; copyIndex: number } {
    const { statements, copyIndex } = loadSql({
      table: this.tableName(props.table),
      mode: props.mode,
      createTable: props.createTable ?? true,
      copyRole: props.warehouse.copyRole ? `'${props.warehouse.copyRole.roleArn}'` : 'default',
    });
    const submit = this.call('Submit', 'batchExecuteStatement', {
      arguments: {
        ...props.warehouse._connection(),
        ClientToken: jsonata('$states.input.token'),
        StatementName: jsonata('$states.context.Execution.Name'),
        Sqls: statements,
      },
      assign: { statement: jsonata('$states.result.Id'), deadline: jsonata('$states.input.deadline'), delay: 2 },
      output: {},
      policies: props.warehouse._submitStatements(this),
    });
    return { submit, copyIndex };
  }

  private describeState(copyIndex: number): ServiceCall {
    const result = '$states.result';
    return this.call('Describe', 'describeStatement', {
      arguments: { Id: jsonata('$statement') },
      assign: { delay: jsonata('$min([$delay * 2, 120])') },
      output: jsonata(`{'status': ${result}.Status, 'error': ${result}.Error, 'loaded': ${result}.SubStatements[${copyIndex}].ResultRows}`),
      policies: [ownStatements('DescribeStatement')],
    });
  }

  private cancelState(timeout: Duration): ServiceCall {
    const timedOut = this.failState('Timed out', TIMED_OUT, `was cancelled after ${timeout.toHumanString()}`);
    const cancel = this.call('Cancel', 'cancelStatement', {
      arguments: { Id: jsonata('$statement') },
      output: {},
      policies: [ownStatements('CancelStatement')],
    });
    // A statement that has just ended cannot be cancelled, which is as good.
    cancel.addCatch(timedOut, { errors: ['RedshiftData.ValidationException', 'RedshiftData.ResourceNotFoundException'] });
    cancel.next(timedOut);
    return cancel;
  }

  private failState(id: string, error: string, what: string): Fail {
    const detail = "($exists($states.input.error) ? ': ' & $states.input.error : '')";
    return Fail.jsonata(this, id, { comment: this.describe(), error, cause: jsonata(`'statement ' & $statement & ' ${what}' & ${detail}`) });
  }

  private call(
    id: string,
    action: string,
    call: { arguments: Record<string, unknown>; assign?: Record<string, unknown>; output: unknown; policies: PolicyStatement[] },
  ): ServiceCall {
    return new ServiceCall(this, id, Stack.of(this).partition, {
      ...call,
      resource: `aws-sdk:redshiftdata:${action}`,
      comment: this.describe(),
      timeoutSeconds: 60,
    });
  }
}

/** The dataset with the number of rows that COPY loaded. */
function withCount(loaded: string): string {
  return jsonata(`$merge([$dataset, {'counts': $merge([$dataset.counts, {'loaded': ${loaded}}])}])`);
}

/** The service lets a role see and cancel only what it submitted itself. */
function ownStatements(action: string): PolicyStatement {
  const statement = new PolicyStatement({ actions: [`redshift-data:${action}`], resources: ['*'] });
  return explain(statement, `redshift-data:${action} has no resource scope, and reaches only statements of the same role.`);
}
