import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Choice, Condition, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { States } from '../asl';
import { jsonata, literal } from '../private/jsonata';
import { ServiceCall } from '../private/service-call';

const RUN = '$states.context.Execution';
const attribute = (name: string, item = 'Attributes') => `$exists($states.result.${item}.${name}) ? $states.result.${item}.${name}.S : null`;
const WATERMARK = attribute('watermark');
/** A word of its own, because `schema` and `columns` are reserved in DynamoDB. */
const SCHEMA = 'source_columns';
const OVERTAKEN = 'DynamoDB.ConditionalCheckFailedException';
/** An execution with one of these does not come back by itself. */
const ENDED = "['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']";

interface LockProps {
  readonly table: ITable;
  readonly dataset: string;
  readonly incremental: boolean;
  /** The comment of the entry, of a state that takes the lock, and of one that only leads there. */
  readonly comments: Readonly<Record<'entry' | 'takes' | 'leads', string>>;
}

/**
 * The states by which one run at a time extracts a dataset. The item of the dataset holds the run's ARN; who finds another one there asks how that run
 * stands, ends early if it is still on its way, and takes over if it died. Answers the first state, and those that lead to the extraction.
 */
export function lockStates(scope: Construct, props: LockProps): { start: ServiceCall; ends: ServiceCall[] } {
  const { table, comments, incremental } = props;
  const { partition } = Stack.of(scope);
  const Key = { dataset: { S: props.dataset } };
  const update = (id: string, comment: string, condition: string, gone: object) =>
    new ServiceCall(scope, id, partition, {
      resource: 'dynamodb:updateItem',
      comment,
      arguments: {
        TableName: table.tableName,
        Key,
        UpdateExpression: 'SET holder = :me',
        ConditionExpression: condition,
        ExpressionAttributeValues: { ':me': { S: jsonata(`${RUN}.Id`) }, ...gone },
        ReturnValues: 'ALL_NEW',
      },
      assign: { ...(incremental && { watermark: jsonata(held(WATERMARK)) }), schema: jsonata(held(attribute(SCHEMA))) },
      output: {},
      timeoutSeconds: 60,
      policies: [new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [table.tableArn] })],
    });
  const lock = update('Lock', comments.entry, 'attribute_not_exists(holder) OR holder = :me', {});
  const takeOver = update('Take over', comments.takes, 'attribute_not_exists(holder) OR holder IN (:me, :gone)', {
    ':gone': { S: jsonata('$holder') },
  });
  const read = new ServiceCall(scope, 'Read holder', partition, {
    resource: 'dynamodb:getItem',
    comment: comments.leads,
    arguments: { TableName: table.tableName, Key, ConsistentRead: true },
    // A lock that was given back in between is as good as one of this run's own.
    assign: {
      holder: jsonata(
        `$exists($states.result.Item) ? ($exists($states.result.Item.holder) ? $states.result.Item.holder.S : ${RUN}.Id) : $error('the answer holds no item')`,
      ),
    },
    output: {},
    timeoutSeconds: 60,
    policies: [new PolicyStatement({ actions: ['dynamodb:GetItem'], resources: [table.tableArn] })],
  });
  const describe = new ServiceCall(scope, 'Describe holder', partition, {
    resource: 'aws-sdk:sfn:describeExecution',
    comment: comments.leads,
    arguments: { ExecutionArn: jsonata('$holder') },
    output: { status: jsonata("$exists($states.result.Status) ? $states.result.Status : $error('the run that holds the lock has no status')") },
    timeoutSeconds: 60,
    policies: [],
  });
  const overlap = Succeed.jsonata(scope, 'Overlap', { comment: comments.leads, outputs: { skipped: 'overlap', running: jsonata('$holder') } });
  const died = Condition.jsonata(jsonata(`$states.input.status in ${ENDED} or $holder = ${RUN}.Id`));
  const decide = Choice.jsonata(scope, 'Overlap?', { comment: comments.leads }).when(died, takeOver).otherwise(overlap);
  lock.addCatch(read, { errors: [OVERTAKEN] });
  read.next(describe);
  describe.addCatch(takeOver, { errors: ['Sfn.ExecutionDoesNotExistException'] });
  describe.next(decide);
  takeOver.addCatch(overlap, { errors: [OVERTAKEN] });
  return { start: lock, ends: [lock, takeOver] };
}

/** An answer that is not the item is not believed: without the watermark the whole table would be extracted. */
function held(value: string): string {
  return `$exists($states.result.Attributes.holder) ? (${value}) : $error('the answer holds no item')`;
}

/** The dataset of a run that goes on with what an earlier one extracted: a replay, if the watermark has moved since then. */
export function resumedDataset(dataset: string): Record<string, string> {
  const moved = `$dataset.name = ${literal(dataset)} and $exists($dataset.window) and $dataset.window.low != (${WATERMARK})`;
  const replay = "$merge([$dataset, {'window': $merge([$dataset.window, {'replay': true}])}])";
  return { dataset: jsonata(held(`${moved} ? ${replay} : $dataset`)) };
}

/** Moves the watermark, or notes that there was a replay or that these are but some rows of the window, keeps the columns, and gives the lock back. Once more, it does the same again. */
export function commitArguments({ table, dataset, incremental }: Pick<LockProps, 'table' | 'dataset' | 'incremental'>): Record<string, unknown> {
  const window = '$dataset.window';
  const replay = `(${window}.replay = true or $dataset.partial = true)`;
  const moved = `(holder = :me OR run_id = :run) AND (' & (${window}.low = null ? 'attribute_not_exists(watermark) OR ' : '') & 'watermark IN (:low, :high))`;
  const Key = { dataset: { S: dataset } };
  // A dataset that was made elsewhere than by an extraction says nothing of its columns.
  const [columns, schema] = [
    `($exists($dataset.schema) ? ', ${SCHEMA} = :columns' : '')`,
    `($exists($dataset.schema) ? {':columns': {'S': $dataset.schema}} : {})`,
  ];
  const run = `{':me': {'S': ${RUN}.Id}, ':run': {'S': ${RUN}.Name}}`;
  if (!incremental) {
    return {
      TableName: table.tableName,
      Key,
      UpdateExpression: jsonata(`'SET run_id = :run' & ${columns} & ' REMOVE holder'`),
      ConditionExpression: 'holder = :me OR run_id = :run',
      ExpressionAttributeValues: jsonata(`$merge([${run}, ${schema}])`),
    };
  }
  const ends = `{':low': {'S': ${window}.low = null ? '' : ${window}.low}, ':high': {'S': ${window}.high}}`;
  return {
    TableName: table.tableName,
    Key,
    UpdateExpression: jsonata(`(${replay} ? 'SET last_replay = :run' : 'SET watermark = :high, run_id = :run' & ${columns}) & ' REMOVE holder'`),
    ConditionExpression: jsonata(`${replay} ? 'holder = :me OR last_replay = :run' : '${moved}'`),
    ExpressionAttributeValues: jsonata(`$merge(${replay} ? [${run}] : [${run}, ${ends}, ${schema}])`),
  };
}

interface PlanProps extends Pick<LockProps, 'table' | 'dataset' | 'incremental'> {
  readonly step: string;
  readonly partition: string;
  readonly comment: string;
  /** Of the invocation that would extract. */
  readonly payload: object;
  readonly functionArn: string;
  readonly timeoutSeconds: number;
}

/** The states of a dry run: the function says what it would extract, with what the last committed run left. */
export function planStates({
  step,
  partition,
  comment: Comment,
  table,
  dataset,
  incremental,
  payload,
  functionArn,
  timeoutSeconds,
}: PlanProps): States {
  const plan = '$states.result.Payload';
  const members = ['window', 'columns', 'rows'].map((member) => `'${member}': ${plan}.${member}`);
  const watermark = incremental ? ", 'watermark': $watermark" : '';
  const names = { read: `${step}: Read watermark`, plan: `${step}: Plan` };
  const task = { Type: 'Task', Comment };
  return {
    StartAt: names.read,
    States: {
      [names.read]: {
        ...task,
        Resource: `arn:${partition}:states:::dynamodb:getItem`,
        Arguments: { TableName: table.tableName, Key: { dataset: { S: dataset } }, ConsistentRead: true },
        Assign: { watermark: jsonata(attribute('watermark', 'Item')), schema: jsonata(attribute(SCHEMA, 'Item')) },
        TimeoutSeconds: 60,
        Next: names.plan,
      },
      [names.plan]: {
        ...task,
        Resource: `arn:${partition}:states:::lambda:invoke`,
        Arguments: { FunctionName: functionArn, Payload: { ...payload, dryRun: true } },
        Output: jsonata(`$exists(${plan}.rows) ? {'dataset': ${plan}.name, ${members.join(', ')}${watermark}} : $error('the function made no plan')`),
        TimeoutSeconds: timeoutSeconds,
      },
    },
  };
}
