import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import type { Clock } from '../clock';
import type { WriterConfig } from '../definition';
import { ErrorName, StateFailure } from '../errors';
import type { ObjectLocation, S3 } from '../s3';
import type { ChildExecution } from './child';
import type { MapRunNames } from './map-run-names';
import { entriesOf, type Results } from './results';

type Kind = 'SUCCEEDED' | 'FAILED';

/** Exports the results to S3 while they come: a file of those that succeeded, a file of the others, and a manifest of both. */
export class ExportedResults implements Results {
  private readonly files = new Map<Kind, ResultFile>();
  private readonly folder: string;

  constructor(
    private readonly s3: S3,
    private readonly clock: Clock,
    private readonly names: MapRunNames,
    private readonly destination: { readonly Bucket: string; readonly Prefix?: string },
    private readonly config: WriterConfig = {},
  ) {
    const { Prefix = '' } = destination;
    this.folder = `${Prefix}${Prefix === '' || Prefix.endsWith('/') ? '' : '/'}${names.id}`;
  }

  add(child: ChildExecution): Promise<void> {
    const entries = entriesOf(child, this.config.Transformation ?? 'NONE');
    return this.writing(() => this.file(child.status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED').append(entries));
  }

  async close(): Promise<unknown> {
    const { Bucket } = this.destination;
    const { mapRunArn } = this.names;
    const Key = `${this.folder}/manifest.json`;
    await this.writing(async () => {
      const ResultFiles = { FAILED: await this.finished('FAILED'), PENDING: [], SUCCEEDED: await this.finished('SUCCEEDED') };
      const manifest = JSON.stringify({ DestinationBucket: Bucket, MapRunArn: mapRunArn, ResultFiles });
      await this.s3.putObject({ Bucket, Key }, Readable.from([Buffer.from(manifest)]));
    });
    return { MapRunArn: mapRunArn, ResultWriterDetails: { Bucket, Key } };
  }

  private file(kind: Kind): ResultFile {
    let file = this.files.get(kind);
    if (file === undefined) {
      const lines = this.config.OutputType === 'JSONL';
      const Key = `${this.folder}/${kind}_0.${lines ? 'jsonl' : 'json'}`;
      file = new ResultFile(this.s3, { Bucket: this.destination.Bucket, Key }, lines);
      this.files.set(kind, file);
    }
    return file;
  }

  private async finished(kind: Kind): Promise<{ Key: string; Size: number }[]> {
    const file = this.files.get(kind);
    return file === undefined ? [] : [await file.close()];
  }

  private async writing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.clock.inFlight(work);
    } catch (error) {
      throw new StateFailure(ErrorName.RESULT_WRITER_FAILED, (error as Error).message);
    }
  }
}

/** An object that grows by entries, as a JSON array or as JSON lines. */
class ResultFile {
  private readonly body = new PassThrough();
  private readonly written: Promise<void>;
  private size = 0;
  /** Shared by all who wait for the same room. */
  private draining?: Promise<unknown>;

  constructor(
    s3: S3,
    private readonly location: ObjectLocation,
    private readonly lines: boolean,
  ) {
    // Whoever writes then, waits or closes is told.
    this.body.on('error', () => {});
    this.written = s3.putObject(location, this.body);
    this.written.catch((error) => this.body.destroy(error));
  }

  /** Waits while S3 takes the bytes more slowly than they come. */
  async append(entries: readonly unknown[]): Promise<void> {
    for (const entry of entries) {
      const text = JSON.stringify(entry);
      if (this.lines) await this.write(`${text}\n`);
      else await this.write(`${this.size === 0 ? '[' : ','}${text}`);
    }
  }

  async close(): Promise<{ Key: string; Size: number }> {
    if (!this.lines) await this.write(this.size === 0 ? '[]' : ']');
    this.body.end();
    await this.written;
    if (!this.body.readableEnded) this.cutOff();
    return { Key: this.location.Key, Size: this.size };
  }

  private async write(text: string): Promise<void> {
    if (this.body.destroyed) {
      await this.written;
      this.cutOff();
    }
    this.size += Buffer.byteLength(text);
    if (this.body.write(text)) return;
    this.draining ??= once(this.body, 'drain').finally(() => {
      this.draining = undefined;
    });
    await this.draining;
  }

  private cutOff(): never {
    throw new Error(`the object '${this.location.Key}' was stored before its end`);
  }
}
