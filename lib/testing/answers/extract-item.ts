import { TaskError, type TaskRequest } from '../../engine';
import type { ExtractItem, World } from './world';

interface Call {
  readonly TableName?: string;
  readonly Key?: { readonly dataset?: { readonly S?: unknown } };
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
}

/** Reads the item of a dataset: who extracts it, up to where; undefined if the call asks for something else. */
export function readExtractItem(world: World, { arguments: args }: TaskRequest): unknown {
  const place = placeOf(args);
  if (place === undefined) return undefined;
  const item = itemAt(world, place);
  return item === undefined ? {} : { Item: attributesOf(item) };
}

/** Changes the item of a dataset as an extraction's states do, on their conditions; undefined if the call asks for something else. */
export function changeExtractItem(world: World, { arguments: args }: TaskRequest): unknown {
  const place = placeOf(args);
  const { UpdateExpression = '', ConditionExpression = '', ExpressionAttributeValues = {} } = (args ?? {}) as Call;
  const change = CHANGES[UpdateExpression];
  if (place === undefined || !change) return undefined;
  const values = Object.fromEntries(Object.entries(ExpressionAttributeValues).map(([name, { S }]) => [name.slice(1), S]));
  const missing = change.values.filter((name) => values[name] === undefined);
  if (missing.length > 0 || !change.conditions.includes(ConditionExpression)) {
    throw new TaskError(
      'DynamoDB.AmazonDynamoDBException',
      `'${UpdateExpression}' needs ${change.values.join(', ')} and one of its conditions: ${change.conditions.join('; ')}`,
    );
  }
  const item = itemAt(world, place) ?? {};
  if (!holds(item, ConditionExpression, values)) {
    throw new TaskError('DynamoDB.ConditionalCheckFailedException', 'The conditional request failed');
  }
  const changed = change.to(item, values);
  world.items.set(place, changed);
  return { Attributes: attributesOf(changed) };
}

type Values = Readonly<Record<string, string | undefined>>;

interface Change {
  readonly values: readonly string[];
  readonly conditions: readonly string[];
  readonly to: (item: ExtractItem, values: Values) => ExtractItem;
}

const MINE = '(holder = :me OR run_id = :run) AND ';
const AT_WATERMARK = [`${MINE}(watermark IN (:low, :high))`, `${MINE}(attribute_not_exists(watermark) OR watermark IN (:low, :high))`];
const CHANGES: Readonly<Record<string, Change>> = {
  'SET holder = :me': {
    values: ['me'],
    conditions: ['attribute_not_exists(holder) OR holder = :me', 'attribute_not_exists(holder) OR holder IN (:me, :gone)'],
    to: (item, { me }) => ({ ...item, holder: me }),
  },
  'SET watermark = :high, run_id = :run REMOVE holder': {
    values: ['me', 'run', 'low', 'high'],
    conditions: AT_WATERMARK,
    to: (item, { high, run }) => ({ ...item, watermark: high, run_id: run, holder: undefined }),
  },
  'SET watermark = :high, run_id = :run, source_columns = :columns REMOVE holder': {
    values: ['me', 'run', 'low', 'high', 'columns'],
    conditions: AT_WATERMARK,
    to: (item, { high, run, columns }) => ({ ...item, watermark: high, run_id: run, source_columns: columns, holder: undefined }),
  },
  'SET run_id = :run REMOVE holder': {
    values: ['me', 'run'],
    conditions: ['holder = :me OR run_id = :run'],
    to: (item, { run }) => ({ ...item, run_id: run, holder: undefined }),
  },
  'SET run_id = :run, source_columns = :columns REMOVE holder': {
    values: ['me', 'run', 'columns'],
    conditions: ['holder = :me OR run_id = :run'],
    to: (item, { run, columns }) => ({ ...item, run_id: run, source_columns: columns, holder: undefined }),
  },
  'SET last_replay = :run REMOVE holder': {
    values: ['me', 'run'],
    conditions: ['holder = :me OR last_replay = :run'],
    to: (item, { run }) => ({ ...item, last_replay: run, holder: undefined }),
  },
};

/** Evaluates the few conditions above. */
function holds({ holder, watermark, run_id, last_replay }: ExtractItem, condition: string, { me, gone, run, low, high }: Values): boolean {
  const isMine = holder === me || (condition.includes('run_id') && run_id === run) || (condition.includes('last_replay') && last_replay === run);
  if (!condition.includes('watermark')) return isMine || (condition.includes('not_exists(holder)') && (holder === undefined || holder === gone));
  return isMine && (watermark === undefined ? condition.includes('not_exists(watermark)') : [low, high].includes(watermark));
}

/** The item as it is, or, of one that nobody touched yet, as the options say that an earlier run left it. */
function itemAt({ items, options, earlierRun }: World, place: string): ExtractItem | undefined {
  return items.get(place) ?? (options.lock === 'free' ? undefined : { holder: earlierRun });
}

function attributesOf(item: ExtractItem): object {
  return Object.fromEntries(Object.entries(item).flatMap(([name, value]) => (value === undefined ? [] : [[name, { S: value }]])));
}

/** How the run stands that holds a lock. */
export function describeHolder(world: World, { arguments: args, context }: TaskRequest): unknown {
  const { ExecutionArn: arn } = (args ?? {}) as { ExecutionArn?: string };
  const own = (context.Execution as { Id: string }).Id;
  if (arn !== own && arn !== world.earlierRun) return undefined;
  return { ExecutionArn: arn, Status: arn === own || world.options.lock === 'held' ? 'RUNNING' : 'FAILED' };
}

function placeOf(args: unknown): string | undefined {
  const { TableName, Key } = (args ?? {}) as Call;
  const name = Key?.dataset?.S;
  return typeof name === 'string' && TableName !== undefined && Object.keys(Key ?? {}).length === 1 ? `${TableName}/${name}` : undefined;
}
