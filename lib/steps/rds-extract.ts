import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { AttributeType, Billing, type ITable, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IChainable, INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { DataBucket } from '../data-bucket';
import { DataFormat } from '../dataset';
import { allowRead, allowWrite } from '../private/bucket-access';
import { PipelineError } from '../private/error';
import { handlerFunction } from '../private/handler-function';
import { asText, jsonata } from '../private/jsonata';
import { attemptPrefix, WORK } from '../private/keys';
import { ServiceCall } from '../private/service-call';
import { parseTableName } from '../runtime/shared/identifier';
import { Step, type StepProps } from '../step';
import { commitArguments, lockStates, planStates, resumedDataset } from './extract-lock';
import { ExtractLoop, LOOP_CURSOR } from './extract-loop';
import type { Incremental } from './incremental';
import type { RdsSource } from './rds-source';
import { SchemaPolicy } from './schema-policy';

/** What to extract, and how. */
export interface RdsExtractProps extends StepProps {
  /** The database. */
  readonly source: RdsSource;

  /** The table: `schema.table` or `table`, spelled as the catalogue spells it; a part with other characters in double quotes, as in SQL. */
  readonly table: string;

  /**
   * The columns to extract.
   * @default - all, in the catalogue's order
   */
  readonly columns?: string[];

  /**
   * Columns that never leave the database.
   * @default - none
   */
  readonly excludeColumns?: string[];

  /**
   * Columns of which only `***` leaves the database: their type becomes varchar(3). NULL stays NULL.
   * @default - none
   */
  readonly maskColumns?: string[];

  /**
   * Columns of which only the SHA-256 of the text leaves the database, in hexadecimal: their type becomes varchar(64). Equal values stay equal, so a
   * key still joins with one hashed elsewhere; NULL stays NULL. A hash hides a value only where nobody can try all there are, as with phone numbers.
   * @default - none
   */
  readonly hashColumns?: string[];

  /**
   * Extract only what changed since the last run. `extract.commit()` then belongs into the chain, after the load.
   * @default - the whole table on every run
   */
  readonly incremental?: Incremental;

  /**
   * What happens if the table's columns are not those of the last committed run: it is compared before a row is read, and a change that is not taken fails the
   * run as `SchemaChanged`, which names column and types. Once rules and target fit, a run with the input `{ "acceptSchema": true }` takes the columns as they are.
   * A whole table has a committed run to compare with if `extract.commit()` is in the chain.
   * @default SchemaPolicy.FREEZE
   */
  readonly schema?: SchemaPolicy;

  /**
   * Where the rows go. Joined steps must have the same bucket.
   * @default - the stack's `DataBucket`
   */
  readonly bucket?: IBucket;

  /**
   * Holds, for each dataset, which run extracts it and, if the extraction is incremental, its watermark; its partition key is the string `dataset`.
   * @default - a table of its own
   */
  readonly watermarks?: ITable;

  /**
   * Uncompressed size after which a part ends at the next record.
   * @default Size.mebibytes(64)
   */
  readonly partSize?: Size;

  /**
   * Memory of the function. It streams, so more memory buys more CPU, not larger tables.
   * @default Size.mebibytes(1769) - one full CPU
   */
  readonly memory?: Size;

  /**
   * How long one invocation of the function may take, at most 15 minutes. What is not read by then is read in the next.
   * @default Duration.minutes(15)
   */
  readonly timeout?: Duration;

  /**
   * No transaction that reads rows is longer. One that is open holds back vacuum, and conflicts with recovery on a replica. Rows that one
   * transaction read are of the same moment; a table that takes longer is read in several, in the order of its primary key.
   * @default Duration.minutes(5)
   */
  readonly longestTransaction?: Duration;

  /**
   * How many ranges of the primary key one invocation reads side by side, from 1 to 16, over so many connections to the database. Where to split is
   * found in a sample of 1,000 blocks; a range has at least a part, and a table without a key is one range. Each takes about 40 MB of memory.
   * @default 1
   */
  readonly ranges?: number;

  /**
   * The extraction fails when it needs more invocations, from 1 to 1500: each takes up to 13 events of the 25,000 that the history of a run holds.
   * @default 200 - 50 hours of 15 minutes
   */
  readonly maxInvocations?: number;

  /**
   * The role of the function. It is granted what the function needs, if it can be changed.
   * @default - a role of its own
   */
  readonly role?: IRole;
}

/**
 * Extracts rows of a PostgreSQL table into S3.
 *
 * At run time a function in the VPC streams `COPY (SELECT ...) TO STDOUT` through gzip into parts of bounded size, and writes the manifest last.
 * What it cannot read within its 15 minutes is left to the next invocation, so that a table has any size: rows are read in the order of the primary
 * key, and go on after the last one read. Column names and types come from the catalogue and travel with the dataset.
 *
 * Rows that one transaction read (`longestTransaction`) are of the same moment, and so are those of transactions that read `ranges` side by side: they
 * share a snapshot that the first of them exports. With more than one moment, each row is as it was at some moment of the
 * extraction, and is there once: a row that was inserted behind the place of reading is not there yet, nor is a deleted one gone. Incremental
 * extraction absorbs that: what changed meanwhile has a time in the next window, and the upsert takes the newer version.
 * `dataset.extraction` tells how many moments there were (`snapshots`), and how long the longest transaction was.
 *
 * One run at a time extracts: a run that finds another one on its way ends early, as SUCCEEDED, with `{ "skipped": "overlap" }`. In a state machine
 * without `PipelineDefinition` grant its role `states:DescribeExecution` on its own executions.
 *
 * @example
 * const extract = new RdsExtract(this, 'Extract', {
 *   source: RdsSource.postgres({ instance: database, secret, vpc }),
 *   table: 'sales.orders',
 *   incremental: Incremental.by('updated_at'),
 * });
 */
export class RdsExtract extends Step {
  public readonly startState: State;
  public readonly endStates: INextable[];

  /** The function that streams the rows. */
  public readonly function: IFunction;
  /** Where the rows go. */
  public readonly bucket: IBucket;
  /** Holds which run extracts the dataset and, if the extraction is incremental, its watermark. */
  public readonly watermarks: ITable;

  private readonly datasetName: string;
  private readonly incremental: boolean;

  constructor(scope: Construct, id: string, props: RdsExtractProps) {
    super(scope, id, props);
    this.datasetName = this.nameOf(props.table);
    this.incremental = props.incremental !== undefined;
    const timeout = props.timeout ?? Duration.minutes(15);
    if (timeout.toSeconds() > 900) {
      throw new PipelineError(`timeout is ${timeout.toHumanString()}, but a Lambda function ends after 15 minutes; lower it`, this);
    }
    requireWhole(this, 'maxInvocations', props.maxInvocations, MOST_INVOCATIONS);
    requireWhole(this, 'ranges', props.ranges, MOST_RANGES);
    requireHidden(this, props);
    const unknown = props.columns && props.incremental && !props.columns.includes(props.incremental.column);
    if (unknown) {
      throw new PipelineError(`columns leave out '${props.incremental?.column}', which the extraction is incremental by; add it to columns`, this);
    }

    this.bucket = props.bucket ?? DataBucket.of(this);
    this.function = this.defineFunction(props, timeout);
    const run = this.extractState(props, timeout);
    const loop = new ExtractLoop(this, 'Done?', { invoke: run, step: this.id, comment: this.describe({ writes: DataFormat.COPY_TEXT }) });
    this.endStates = [loop.end];
    this.watermarks = props.watermarks ?? this.defineWatermarks();
    this.startState = this.lock(run, props, timeout);
    this.prefixStates();
  }

  /**
   * Moves the watermark to the end of this run's window. It belongs after the load, on every path that ends in success.
   *
   * At run time the item is changed on condition that it still holds the window's start, and gives the lock back; a run that another one overtook fails.
   * A replay leaves the watermark where it is, and notes its id as `last_replay`. The columns of the table are kept with it, to compare those of the next run with.
   * For a whole table there is no watermark to move, and the columns are all that is kept; whether it is in the chain is up to you.
   */
  public commit(): IChainable {
    const commit = new ServiceCall(this, 'Commit', Stack.of(this).partition, {
      resource: 'dynamodb:updateItem',
      comment: this.describe({ commits: this.incremental ? this.node.path : undefined }),
      arguments: commitArguments({ table: this.watermarks, dataset: this.datasetName, incremental: this.incremental }),
      output: jsonata('$dataset'),
      timeoutSeconds: 60,
      policies: [new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [this.watermarks.tableArn] })],
    });
    this.adopt(commit);
    return commit;
  }

  private nameOf(table: string): string {
    try {
      const { schema, name } = parseTableName(table);
      return [schema, name]
        .flatMap((part) => part ?? [])
        .map((part) => part.replaceAll(/[^\p{L}\p{N}_$-]/gu, '_'))
        .join('.');
    } catch (error) {
      throw new PipelineError((error as Error).message, this);
    }
  }

  private defineFunction(props: RdsExtractProps, timeout: Duration): IFunction {
    const { source } = props;
    const handler = handlerFunction(this, 'Function', {
      asset: 'extract',
      handler: 'index.handler',
      description: `Extracts ${this.datasetName} into S3`,
      timeout,
      memory: props.memory ?? Size.mebibytes(1769),
      environment: source._environment(),
      vpc: source.vpc,
      vpcSubnets: source.vpcSubnets,
      securityGroups: source.securityGroups,
      role: props.role,
    });
    source._allowFrom(handler);
    source._grantSignIn(handler);
    allowRead(handler, this.bucket, WORK);
    allowWrite(handler, this.bucket, WORK);
    return handler;
  }

  private defineWatermarks(): ITable {
    return new TableV2(this, 'Watermarks', {
      partitionKey: { name: 'dataset', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** One run at a time: the lock leads to the extraction. */
  private lock(run: ServiceCall, props: RdsExtractProps, timeout: Duration): State {
    const { partition } = Stack.of(this);
    const { watermarks: table, datasetName: dataset, incremental } = this;
    const takes = { opens: incremental ? this.node.path : undefined };
    const lock = { assign: incremental ? resumedDataset(dataset) : undefined };
    const comment = this.describe();
    const timeoutSeconds = timeout.toSeconds() + 30;
    const { functionArn } = this.function;
    const plan = planStates({
      step: this.id,
      partition,
      comment,
      table,
      dataset,
      incremental,
      payload: this.payload(props),
      functionArn,
      timeoutSeconds,
    });
    const comments = {
      entry: this._describe({ ...takes, entry: true }, { lock, plan }),
      takes: this._describe(takes, { lock }),
      leads: this._describe({}, { lock: {} }),
    };
    const { start, ends } = lockStates(this, { table, dataset, incremental, comments });
    for (const end of ends) end.next(run);
    return start;
  }

  private extractState(props: RdsExtractProps, timeout: Duration): ServiceCall {
    return new ServiceCall(this, 'Run', Stack.of(this).partition, {
      resource: 'lambda:invoke',
      comment: this.describe({ bucket: this.bucket.bucketName }),
      arguments: {
        FunctionName: this.function.functionArn,
        Payload: this.payload(props),
      },
      output: jsonata('$states.result.Payload'),
      timeoutSeconds: timeout.toSeconds() + 30,
      policies: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.functionArn] })],
    });
  }

  private payload(props: RdsExtractProps): object {
    const { incremental } = props;
    const replayed = '$states.context.Execution.Input.window';
    return {
      name: this.datasetName,
      table: props.table,
      columns: asText(props.columns),
      excludeColumns: asText(props.excludeColumns),
      maskColumns: asText(props.maskColumns),
      hashColumns: asText(props.hashColumns),
      incremental: incremental && {
        column: asText(incremental.column),
        low: jsonata(`$exists(${replayed}) ? ${replayed}.low : $watermark`),
        high: jsonata(`$exists(${replayed}) ? ${replayed}.high : null`),
        ...incremental._render(),
      },
      schema: {
        policy: props.schema ?? SchemaPolicy.FREEZE,
        known: jsonata('$schema'),
        accept: jsonata('$states.context.Execution.Input.acceptSchema = true'),
      },
      output: { bucket: this.bucket.bucketName, prefix: attemptPrefix(WORK, this.id, this.datasetName) },
      partBytes: (props.partSize ?? Size.mebibytes(64)).toBytes(),
      ranges: props.ranges,
      longestTransactionSeconds: (props.longestTransaction ?? Duration.minutes(5)).toSeconds(),
      maxInvocations: props.maxInvocations ?? 200,
      cursor: jsonata(LOOP_CURSOR),
    };
  }
}

/** Each invocation is 7 events, and 6 more if it is tried twice again; the rest of the run needs room too. */
const MOST_INVOCATIONS = 1500;

/** Each is a connection, and memory for its part. */
const MOST_RANGES = 16;

function requireWhole(scope: Construct, name: string, value = 1, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new PipelineError(`${name} is ${value}; it must be a whole number from 1 to ${most}`, scope);
}

/** A column is hidden in one way, and can be: it is extracted, and not what the extraction is incremental by. */
function requireHidden(scope: Construct, { columns, excludeColumns, maskColumns = [], hashColumns = [], incremental }: RdsExtractProps): void {
  for (const [what, names] of Object.entries({ maskColumns, hashColumns })) {
    for (const name of names) {
      const problem =
        (what === 'hashColumns' && maskColumns.includes(name) && 'which maskColumns names too; hide it in one way') ||
        (excludeColumns?.includes(name) && 'which excludeColumns leaves out; name it in one of the two') ||
        (columns && !columns.includes(name) && 'which columns leave out; add it there, or hide it no more') ||
        (incremental?.column === name && 'which the extraction is incremental by, so that its values are needed; hide another') ||
        undefined;
      if (problem) throw new PipelineError(`${what} names '${name}', ${problem}`, scope);
    }
  }
}
