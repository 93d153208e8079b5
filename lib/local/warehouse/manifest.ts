import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SqlError } from './errors';

/** An object to load, and the plain file that it is here. */
export interface S3Object {
  readonly url: string;
  readonly path: string;
}

interface Where {
  readonly manifest: boolean;
  /** Parquet is read over HTTP ranges, for which Redshift needs the length of every object. */
  readonly parquet: boolean;
  readonly resolveS3: (url: string) => string;
}

/** The objects that a COPY reads: the entries of a manifest, or all objects with the prefix. None at all is an error, as on Redshift. */
export async function findObjects(url: string, where: Where): Promise<S3Object[]> {
  const objects = where.manifest ? await readManifest(url, where) : await withPrefix(url, where);
  if (objects.length > 0) return objects;
  throw new SqlError(
    where.manifest ? `no files found: the manifest '${url}' names none that exist` : `The specified S3 prefix '${url}' does not exist`,
  );
}

async function readManifest(url: string, where: Where): Promise<S3Object[]> {
  const objects: S3Object[] = [];
  for (const [index, entry] of (await entriesOf(url, where)).entries()) {
    const { url: object, mandatory, meta } = entry as { url?: unknown; mandatory?: unknown; meta?: { content_length?: unknown } };
    if (typeof object !== 'string' || !object.startsWith('s3://'))
      throw new SqlError(`entry ${index} of manifest '${url}' has no 'url' of the form s3://bucket/key`);
    const path = where.resolveS3(object);
    const size = await sizeOf(path);
    if (size === undefined) {
      if (mandatory === true)
        throw new SqlError(`S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey: mandatory object '${object}'`);
      continue;
    }
    checkLength(object, meta, size, where.parquet);
    objects.push({ url: object, path });
  }
  return objects;
}

async function entriesOf(url: string, where: Where): Promise<readonly unknown[]> {
  let text: string;
  try {
    text = await readFile(where.resolveS3(url), 'utf8');
  } catch {
    throw new SqlError(`Problem reading manifest file - S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey: '${url}'`);
  }
  let entries: unknown;
  try {
    entries = (JSON.parse(text) as { entries?: unknown } | null)?.entries;
  } catch {
    throw new SqlError(`Problem reading manifest file - '${url}' is not JSON`);
  }
  if (!Array.isArray(entries)) throw new SqlError(`Problem reading manifest file - '${url}' has no list 'entries'`);
  return entries;
}

function checkLength(object: string, meta: { content_length?: unknown } | undefined, size: number, parquet: boolean): void {
  if (parquet && (meta === undefined || meta === null)) throw new SqlError(`File entry does not have 'meta' key. code: 15003: '${object}'`);
  const length = meta?.content_length;
  if (parquet && !Number.isInteger(length)) throw new SqlError(`File entry does not have 'content_length' in its 'meta'. code: 15003: '${object}'`);
  if (length !== undefined && length !== size) {
    throw new SqlError(`Spectrum Scan Error: '${object}' has ${size} bytes, its manifest entry says content_length ${String(length)}`);
  }
}

async function withPrefix(url: string, where: Where): Promise<S3Object[]> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(url) ?? [];
  const root = where.resolveS3(`s3://${bucket}/x`).slice(0, -2);
  const folder = prefix.endsWith('/') ? prefix : `${dirname(`/${prefix}`).slice(1)}/`;
  const names = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.slice(root.length + 1).startsWith(prefix))
    .sort()
    .map((path) => ({ url: `s3://${bucket}/${path.slice(root.length + 1)}`, path }));
}

async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
