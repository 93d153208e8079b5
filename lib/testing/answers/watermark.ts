import { TaskError, type TaskRequest } from '../../engine';
import type { World } from './world';

interface Item {
  readonly dataset?: { readonly S?: unknown };
}

interface Update {
  readonly TableName?: string;
  readonly Key?: Item;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
}

/** Reads the watermark of a dataset; undefined if the call asks for something else. */
export function readWatermark(world: World, { arguments: args }: TaskRequest): unknown {
  const place = placeOf(args);
  if (place === undefined) return undefined;
  const watermark = world.watermarks.get(place);
  return watermark === undefined ? {} : { Item: { watermark: { S: watermark } } };
}

const MOVES = /^SET watermark = :high\b/;
const HOLDS = 'watermark IN (:low, :high)';
const FIRST = `attribute_not_exists(watermark) OR ${HOLDS}`;

/** Moves the watermark of a dataset on condition that it still is where the window began; undefined if the call asks for something else. */
export function moveWatermark(world: World, { arguments: args }: TaskRequest): unknown {
  const place = placeOf(args);
  const { UpdateExpression = '', ConditionExpression = '', ExpressionAttributeValues: values = {} } = (args ?? {}) as Update;
  if (place === undefined || !MOVES.test(UpdateExpression)) return undefined;
  const [low, high] = [values[':low']?.S, values[':high']?.S];
  if (low === undefined || high === undefined || ![HOLDS, FIRST].includes(ConditionExpression)) {
    throw new TaskError(
      'DynamoDB.DynamoDbException',
      `moving a watermark needs :low, :high and the condition '${HOLDS}', got '${ConditionExpression}'`,
    );
  }
  const found = world.watermarks.get(place);
  const allowed = found === undefined ? ConditionExpression === FIRST : [low, high].includes(found);
  if (!allowed) throw new TaskError('DynamoDB.ConditionalCheckFailedException', 'The conditional request failed');
  world.watermarks.set(place, high);
  return {};
}

function placeOf(args: unknown): string | undefined {
  const { TableName, Key } = (args ?? {}) as Update;
  const name = Key?.dataset?.S;
  return typeof name === 'string' && TableName !== undefined && Object.keys(Key ?? {}).length === 1 ? `${TableName}/${name}` : undefined;
}
