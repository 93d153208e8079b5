import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError } from '../error';
import { type Algorithm, composite } from './checksum';
import type { Checksum, ObjectHead, S3Folder, Staged, WriteCondition } from './folder';

/** An upload in parts that was begun and neither completed nor aborted. */
export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly algorithm?: Algorithm;
  readonly checksumType?: Checksum['type'];
  readonly initiated: string;
}

/** A part as uploaded. */
export interface Part {
  readonly number: number;
  readonly etag: string;
  readonly size: number;
  readonly checksum?: string;
  readonly lastModified: string;
}

/** A part as the client lists it to complete the upload. */
export interface PartReference {
  readonly number: number;
  readonly etag: string;
  readonly checksum?: string;
}

interface PartFile extends Part {
  readonly file: string;
}

const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PART_NUMBER = 10_000;
const MAX_COMPLETED = 1000;

const invalidPart = (): AwsError =>
  new AwsError(
    'InvalidPart',
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  );

/** Multipart uploads, each a folder beside the buckets: a part's description is renamed into place last and names the file of its bytes. */
export class MultipartUploads {
  private readonly folder: string;
  private readonly completing = new Set<string>();
  /** What became of uploads that were completed, the latest last. */
  private readonly completed = new Map<string, Pick<Upload, 'bucket' | 'key'> & { readonly head: ObjectHead }>();

  constructor(private readonly objects: S3Folder) {
    this.folder = join(objects.folder, '.uploads');
    mkdirSync(this.folder, { recursive: true });
  }

  create(upload: Omit<Upload, 'id' | 'initiated'>): Upload {
    this.objects.path(upload.bucket, upload.key);
    const created = { ...upload, id: randomUUID().replaceAll('-', ''), initiated: new Date().toISOString() };
    mkdirSync(join(this.folder, created.id));
    writeFileSync(join(this.folder, created.id, 'upload.json'), JSON.stringify(created));
    return created;
  }

  /** The upload of that id, which must be for that object. */
  get(bucket: string, key: string, id: string): Upload {
    const path = join(this.folder, id, 'upload.json');
    if (/^[0-9a-f]{32}$/.test(id) && existsSync(path)) {
      const upload = JSON.parse(readFileSync(path, 'utf8')) as Upload;
      if (upload.bucket === bucket && upload.key === key) return upload;
    }
    throw new AwsError(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      404,
    );
  }

  /** All uploads of a bucket that were begun and not ended, by key and then by age. */
  list(bucket: string): readonly Upload[] {
    this.objects.bucket(bucket);
    return readdirSync(this.folder)
      .map((id) => join(this.folder, id, 'upload.json'))
      .filter((path) => existsSync(path))
      .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Upload)
      .filter((upload) => upload.bucket === bucket)
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) || a.initiated.localeCompare(b.initiated));
  }

  /** Checks a part number before its bytes are taken. */
  static partNumber(text: string | null): number {
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1 && number <= MAX_PART_NUMBER) return number;
    throw new AwsError('InvalidArgument', `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`);
  }

  /** Adds a part, in place of an earlier one of that number. */
  putPart(upload: Upload, number: number, staged: Staged): Part {
    try {
      // It may have been aborted while the bytes came in.
      this.get(upload.bucket, upload.key, upload.id);
      const earlier = this.part(upload, number);
      const file = randomUUID();
      const part: PartFile = {
        number,
        etag: `"${staged.md5.toString('hex')}"`,
        size: staged.size,
        ...(upload.algorithm && { checksum: staged.checksums[upload.algorithm] }),
        lastModified: new Date().toISOString(),
        file,
      };
      const description = this.path(upload, `${file}.tmp`);
      writeFileSync(description, JSON.stringify(part));
      renameSync(staged.path, this.path(upload, file));
      renameSync(description, this.path(upload, `${number}.json`));
      if (earlier) rmSync(this.path(upload, earlier.file), { force: true });
      return part;
    } catch (error) {
      rmSync(staged.path, { force: true });
      throw error;
    }
  }

  /** The parts of an upload in order. */
  parts(upload: Upload): readonly Part[] {
    return readdirSync(join(this.folder, upload.id))
      .flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
      .map((number) => this.part(upload, Number(number))!)
      .sort((a, b) => a.number - b.number);
  }

  /** Makes the listed parts one object and forgets the upload. On an error the upload stays as it is. */
  async complete(upload: Upload, references: readonly PartReference[], expected: CompleteExpectation = {}): Promise<ObjectHead> {
    const parts = this.listed(upload, references);
    if (this.completing.has(upload.id)) throw new AwsError('OperationAborted', 'The upload is already being completed', 409);
    this.completing.add(upload.id);
    try {
      const whole = upload.algorithm !== undefined && upload.checksumType === 'FULL_OBJECT' ? [upload.algorithm] : [];
      const staged = await this.objects.stage(this.bytes(upload, parts), whole);
      const digest = createHash('md5');
      for (const part of parts) digest.update(Buffer.from(part.etag.replaceAll('"', ''), 'hex'));
      const checksum = this.checksum(upload, parts, staged);
      const problem = mismatch(expected, staged, checksum);
      if (problem) {
        await this.objects.discard(staged);
        throw problem;
      }
      const etag = `"${digest.digest('hex')}-${parts.length}"`;
      const head = this.objects.publish(
        upload.bucket,
        upload.key,
        staged,
        { etag, headers: upload.headers, ...(checksum && { checksum }) },
        expected,
      );
      this.remember(upload, head);
      await this.abort(upload);
      return head;
    } finally {
      this.completing.delete(upload.id);
    }
  }

  /** The object that an upload became lately: a client that missed the answer completes again, and S3 answers the same again. */
  completedAs(bucket: string, key: string, id: string): ObjectHead | undefined {
    const done = this.completed.get(id);
    return done?.bucket === bucket && done.key === key ? done.head : undefined;
  }

  /** Forgets the upload and its parts. */
  async abort(upload: Upload): Promise<void> {
    // The description goes first: without it the upload does not exist, however far the removal gets.
    rmSync(this.path(upload, 'upload.json'), { force: true });
    await rm(join(this.folder, upload.id), { recursive: true, force: true });
  }

  private remember({ id, bucket, key }: Upload, head: ObjectHead): void {
    this.completed.set(id, { bucket, key, head });
    if (this.completed.size > MAX_COMPLETED) this.completed.delete(this.completed.keys().next().value!);
  }

  private listed(upload: Upload, references: readonly PartReference[]): readonly PartFile[] {
    if (references.length === 0) throw new AwsError('MalformedXML', 'at least one part must be listed to complete an upload');
    if (references.some((reference, index) => index > 0 && reference.number <= references[index - 1]!.number)) {
      throw new AwsError('InvalidPartOrder', 'The list of parts was not in ascending order. Parts must be ordered by part number.');
    }
    return references.map((reference, index) => {
      const part = this.part(upload, reference.number);
      if (part?.etag.replaceAll('"', '') !== reference.etag.replaceAll('"', '')) throw invalidPart();
      if (reference.checksum !== undefined && reference.checksum !== part.checksum) throw invalidPart();
      if (index < references.length - 1 && part.size < MIN_PART_BYTES) {
        throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
      }
      return part;
    });
  }

  private async *bytes(upload: Upload, parts: readonly PartFile[]): AsyncGenerator<Buffer> {
    for (const part of parts) yield* createReadStream(this.path(upload, part.file)) as AsyncIterable<Buffer>;
  }

  private checksum(upload: Upload, parts: readonly PartFile[], staged: Staged): Checksum | undefined {
    const { algorithm, checksumType } = upload;
    if (algorithm === undefined) return undefined;
    const value =
      checksumType === 'FULL_OBJECT'
        ? staged.checksums[algorithm]!
        : composite(
            algorithm,
            parts.map((part) => part.checksum!),
          );
    return { algorithm, type: checksumType ?? 'COMPOSITE', value };
  }

  private part(upload: Upload, number: number): PartFile | undefined {
    const path = this.path(upload, `${number}.json`);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as PartFile) : undefined;
  }

  private path(upload: Upload, name: string): string {
    return join(this.folder, upload.id, name);
  }
}

/** What the client says the completed object must be. */
export interface CompleteExpectation extends WriteCondition {
  readonly size?: number;
  /** Of the object: full, or composite with or without the number of parts. */
  readonly checksum?: string;
}

function mismatch(expected: CompleteExpectation, staged: Staged, checksum: Checksum | undefined): AwsError | undefined {
  if (expected.size !== undefined && expected.size !== staged.size) {
    return new AwsError('InvalidRequest', `the parts have ${staged.size} bytes where x-amz-mp-object-size says ${expected.size}`);
  }
  if (expected.checksum !== undefined && expected.checksum.replace(/-\d+$/, '') !== checksum?.value.replace(/-\d+$/, '')) {
    return new AwsError('BadDigest', 'the checksum of the completed object is not the one given');
  }
  return undefined;
}
