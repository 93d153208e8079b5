import { TaskError, type TaskRequest } from '../../engine';
import type { World } from './world';

interface Call {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly Body?: unknown;
}

const KEY = /^(runs|audits)\/[^/]+\/[^/]+\.json$/;

/** Keeps the checkpoint of a run that failed, or what an audit found; undefined if the key is of neither. */
export function writeCheckpoint(world: World, { arguments: args }: TaskRequest): unknown {
  const { Bucket, Key = '', Body } = (args ?? {}) as Call;
  if (!KEY.test(Key)) return undefined;
  if (typeof Body !== 'string') throw new TaskError('S3.S3Exception', 'the body is JSON as text');
  world.objects.set(`${Bucket}/${Key}`, Body);
  return { ETag: '"0"' };
}

/** Reads a checkpoint that an earlier run left; undefined if the key is not of one. */
export function readCheckpoint(world: World, { arguments: args }: TaskRequest): unknown {
  const { Bucket, Key = '' } = (args ?? {}) as Call;
  if (!KEY.test(Key)) return undefined;
  const body = world.objects.get(`${Bucket}/${Key}`);
  if (body === undefined) throw new TaskError('S3.NoSuchKeyException', 'The specified key does not exist.');
  return { Body: body, ContentType: 'application/json' };
}
