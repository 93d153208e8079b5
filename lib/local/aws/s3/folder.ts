import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AwsError, notEmulated } from '../error';
import { type Algorithm, type Checksums, Digest } from './checksum';

/** The additional checksum that an object keeps. */
export interface Checksum {
  readonly algorithm: Algorithm;
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** What S3 knows of an object besides its bytes. */
export interface ObjectMetadata {
  /** With its quotes, as in the header. */
  readonly etag: string;
  /** `content-type`, `x-amz-meta-*` and the like, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum?: Checksum;
}

/** An object without its bytes. */
export interface ObjectHead extends ObjectMetadata {
  readonly key: string;
  readonly size: number;
  readonly lastModified: Date;
}

/** A file with the bytes of an object or part to be, not yet visible. */
export interface Staged {
  readonly path: string;
  readonly size: number;
  readonly md5: Buffer;
  readonly checksums: Checksums;
}

/** What must hold at the moment an object appears. */
export interface WriteCondition {
  /** `*`: there is no object of that key yet. */
  readonly ifNoneMatch?: '*';
  /** There is one, with this ETag. */
  readonly ifMatch?: string;
}

/** Where an object is. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

interface MetadataFile extends ObjectMetadata {
  readonly key: string;
  readonly size: number;
  readonly modified: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const MAX_KEY_BYTES = 1024;
const MAX_NAME_BYTES = 255;
const READ_BYTES = 1024 * 1024;
const DEFAULT_HEADERS = { 'content-type': 'binary/octet-stream' };

/** The error of an object that is not there. */
export const noSuchKey = (): AwsError => new AwsError('NoSuchKey', 'The specified key does not exist.', 404);

/** Compares as S3 does whether an ETag in a condition is that of an object: quotes do not matter. */
export const sameEtag = (condition: string, etag: string): boolean => condition.replaceAll('"', '') === etag.replaceAll('"', '');

/**
 * Buckets as folders and objects as plain files, so that an engine without S3 support reads them where they lie, and a file that such
 * an engine wrote into a bucket is an object. Metadata lies apart; it counts only while size and modification time say that it belongs
 * to the file, so neither a crash between the two renames nor a foreign write can pair bytes with the wrong ETag. All that decides what
 * a reader sees is synchronous, which makes it atomic for this process; one folder serves one process.
 */
export class S3Folder {
  private readonly metadata: string;
  private readonly temporary: string;

  /** @param folder - holds one folder a bucket; made when it is not there */
  constructor(readonly folder: string) {
    this.metadata = join(folder, '.meta');
    this.temporary = join(folder, '.tmp');
    // What a killed process left half written.
    rmSync(this.temporary, { recursive: true, force: true });
    for (const path of [this.metadata, this.temporary]) mkdirSync(path, { recursive: true });
  }

  /** Makes a bucket; one that is there already stays as it is. */
  createBucket(bucket: string): void {
    if (!BUCKET.test(bucket)) throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.');
    mkdirSync(join(this.folder, bucket), { recursive: true });
  }

  /** The folder of a bucket that exists. */
  bucket(bucket: string): string {
    const path = join(this.folder, bucket);
    if (!BUCKET.test(bucket) || !existsSync(path)) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
    return path;
  }

  /** The file of an object, whether it exists or not. Keys that no file can have by their own name are refused. */
  path(bucket: string, key: string): string {
    const names = key.split('/');
    if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new AwsError('KeyTooLongError', 'Your key is too long');
    if (names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0') || Buffer.byteLength(name) > MAX_NAME_BYTES)) {
      throw notEmulated(`the key '${key}': between its slashes must be names that a file can have (1 to ${MAX_NAME_BYTES} bytes, not . or ..)`);
    }
    return join(this.bucket(bucket), ...names);
  }

  /** Writes a body to a file that is not visible yet; the caller publishes or discards it. Nothing stays when the body fails. */
  async stage(body: AsyncIterable<Uint8Array>, algorithms: readonly Algorithm[] = []): Promise<Staged> {
    const path = join(this.temporary, randomUUID());
    const digest = new Digest(algorithms);
    let size = 0;
    try {
      const file = await open(path, 'wx');
      try {
        for await (const chunk of body) {
          digest.update(chunk);
          size += chunk.length;
          await file.writeFile(chunk);
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      await this.discard({ path });
      throw error;
    }
    return { path, size, ...digest.end() };
  }

  /** A small staged body as text. */
  async readStaged(staged: Staged): Promise<string> {
    return await readFile(staged.path, 'utf8');
  }

  /** Removes a staged file that shall not become an object. */
  async discard(staged: Pick<Staged, 'path'>): Promise<void> {
    await rm(staged.path, { force: true });
  }

  /** Makes a staged file the object of that key, at once and as a whole, in place of an earlier one; on an error the file is discarded. */
  publish(bucket: string, key: string, staged: Staged, metadata: ObjectMetadata, condition: WriteCondition = {}): ObjectHead {
    const description = join(this.temporary, randomUUID());
    try {
      const path = this.path(bucket, key);
      this.check(bucket, key, condition);
      const { mtimeNs, mtime } = statSync(staged.path, { bigint: true });
      // Written before anything is seen: a full disk can then no longer come between the two.
      this.describe(description, bucket, { key, size: staged.size, modified: String(mtimeNs), ...metadata });
      this.place(staged.path, path, key);
      renameSync(description, this.metadataPath(bucket, key));
      return { key, size: staged.size, lastModified: mtime, ...metadata };
    } catch (error) {
      for (const file of [staged.path, description]) rmSync(file, { force: true });
      throw error;
    }
  }

  /** The object without its bytes; `NoSuchKey` when there is none. */
  head(bucket: string, key: string): ObjectHead {
    const { fd, head } = this.open(bucket, key);
    closeSync(fd);
    return head;
  }

  /** Opens an object for reading. The descriptor, which the caller closes, keeps its bytes even when the object is replaced. */
  open(bucket: string, key: string): { readonly fd: number; readonly head: ObjectHead } {
    const path = this.path(bucket, key);
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw code === 'ENOENT' || code === 'ENOTDIR' ? noSuchKey() : error;
    }
    try {
      const stat = fstatSync(fd, { bigint: true });
      if (!stat.isFile()) throw noSuchKey();
      const size = Number(stat.size);
      const modified = String(stat.mtimeNs);
      const { etag, headers, checksum } = this.readMetadata(bucket, key, size, modified) ?? this.adopt(bucket, key, fd, size, modified);
      return { fd, head: { key, size, lastModified: stat.mtime, etag, headers, ...(checksum && { checksum }) } };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Copies an object with its headers, or with others. The copy is one piece: its ETag is the MD5 of its bytes. */
  async copy(from: ObjectName, to: ObjectName, headers?: Readonly<Record<string, string>>): Promise<ObjectHead> {
    const { fd, head } = this.open(from.bucket, from.key);
    const algorithm = head.checksum?.algorithm;
    const staged = await this.stage(createReadStream('', { fd }) as AsyncIterable<Buffer>, algorithm ? [algorithm] : []);
    const checksum = algorithm && { algorithm, value: staged.checksums[algorithm]!, type: 'FULL_OBJECT' as const };
    const metadata = { etag: `"${staged.md5.toString('hex')}"`, headers: headers ?? head.headers, ...(checksum && { checksum }) };
    return this.publish(to.bucket, to.key, staged, metadata);
  }

  /** Removes an object; that there is none is no error, as in S3. */
  delete(bucket: string, key: string): void {
    const path = this.path(bucket, key);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return;
    rmSync(path);
    rmSync(this.metadataPath(bucket, key), { force: true });
    // A folder is not an object: empty ones would be in the way of a key of their name.
    const root = this.bucket(bucket);
    for (let parent = dirname(path); parent !== root; parent = dirname(parent)) {
      try {
        rmdirSync(parent);
      } catch {
        return;
      }
    }
  }

  private check(bucket: string, key: string, condition: WriteCondition): void {
    const failed = new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
    if (condition.ifNoneMatch && statSync(this.path(bucket, key), { throwIfNoEntry: false })?.isFile()) throw failed;
    if (condition.ifMatch !== undefined && !sameEtag(condition.ifMatch, this.head(bucket, key).etag)) throw failed;
  }

  private place(from: string, to: string, key: string): void {
    try {
      mkdirSync(dirname(to), { recursive: true });
      renameSync(from, to);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!['EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY'].includes(code ?? '')) throw error;
      throw notEmulated(`the key '${key}' next to one that is a folder of it: on a disk one name is a file or a folder`);
    }
  }

  /** Gives a file that was not written through S3 its metadata. */
  private adopt(bucket: string, key: string, fd: number, size: number, modified: string): ObjectMetadata {
    const hash = createHash('md5');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let at = 0; at < size; ) {
      const read = readSync(fd, buffer, 0, READ_BYTES, at);
      if (read === 0) break;
      hash.update(buffer.subarray(0, read));
      at += read;
    }
    const metadata = { etag: `"${hash.digest('hex')}"`, headers: DEFAULT_HEADERS };
    const description = join(this.temporary, randomUUID());
    this.describe(description, bucket, { key, size, modified, ...metadata });
    renameSync(description, this.metadataPath(bucket, key));
    return metadata;
  }

  private describe(description: string, bucket: string, file: MetadataFile): void {
    mkdirSync(join(this.metadata, bucket), { recursive: true });
    writeFileSync(description, JSON.stringify(file));
  }

  private readMetadata(bucket: string, key: string, size: number, modified: string): MetadataFile | undefined {
    const path = this.metadataPath(bucket, key);
    if (!existsSync(path)) return undefined;
    const file = JSON.parse(readFileSync(path, 'utf8')) as MetadataFile;
    return file.size === size && file.modified === modified ? file : undefined;
  }

  /** By hash of the key: names of metadata files can then neither clash with each other nor be too long. */
  private metadataPath(bucket: string, key: string): string {
    return join(this.metadata, bucket, `${createHash('sha256').update(key).digest('hex')}.json`);
  }
}
