import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError } from '../error';
import type { S3Folder } from './folder';

/** What ListObjectsV2 takes. */
export interface ListRequest {
  readonly bucket: string;
  readonly prefix?: string;
  readonly delimiter?: string;
  readonly startAfter?: string;
  readonly continuationToken?: string;
  /** @default 1000, which is also the most */
  readonly maxKeys?: number;
}

/** One page of keys. */
export interface ListPage {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  readonly maxKeys: number;
  /** Present when there is more. */
  readonly nextContinuationToken?: string;
}

const PAGE = 1000;

const before = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;

/**
 * The keys below a folder in the order of their UTF-8 bytes. A folder sorts as its name with the slash that its keys have: `a-b` comes
 * before what is in `a`, since `-` is less than `/`. Folders wholly outside of prefix and start are not opened.
 */
function* walk(folder: string, above: string, prefix: string, after: string): Generator<string> {
  const names = readdirSync(folder, { withFileTypes: true })
    .map((entry) => ({ entry, key: above + entry.name + (entry.isDirectory() ? '/' : '') }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  for (const { entry, key } of names) {
    if (!entry.isDirectory()) {
      if (key.startsWith(prefix) && before(after, key)) yield key;
    } else if ((key.startsWith(prefix) || prefix.startsWith(key)) && (after.startsWith(key) || before(after, key))) {
      yield* walk(join(folder, entry.name), key, prefix, after);
    }
  }
}

const token = (last: string): string => Buffer.from(last).toString('base64url');

/** One page of ListObjectsV2. A continuation token is the last key or common prefix given, so that a listing goes on after changes. */
export function listObjects(folder: S3Folder, request: ListRequest): ListPage {
  const { bucket, prefix = '', delimiter, startAfter = '', continuationToken, maxKeys = PAGE } = request;
  if (!Number.isInteger(maxKeys) || maxKeys < 0) throw new AwsError('InvalidArgument', 'max-keys must be a whole number from 0');
  if (continuationToken === '') throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
  const last = continuationToken === undefined ? undefined : Buffer.from(continuationToken, 'base64url').toString();
  const most = Math.min(maxKeys, PAGE);
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let given = last;
  const page = { keys, commonPrefixes, maxKeys };
  const root = folder.bucket(bucket);
  if (most === 0) return page;
  for (const key of walk(root, '', prefix, last ?? startAfter)) {
    const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const common = end < 0 ? undefined : key.slice(0, end + delimiter!.length);
    if (common !== undefined && (common === commonPrefixes.at(-1) || common === last)) continue;
    if (keys.length + commonPrefixes.length === most) return { ...page, nextContinuationToken: token(given!) };
    if (common === undefined) keys.push(key);
    else commonPrefixes.push(common);
    given = common ?? key;
  }
  return page;
}
