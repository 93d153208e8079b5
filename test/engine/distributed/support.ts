import type { ListedObject, ObjectLocation, S3 } from '../../../lib/engine';
import { machine, pass, program } from '../support';

type Fields = Record<string, unknown>;

/** A Distributed Map that runs these states for each item. */
export function distributedMap(states: Record<string, Fields>, fields: Fields = {}, ExecutionType = 'STANDARD'): Fields {
  return {
    Type: 'Map',
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType }, ...program(states) },
    Label: 'items',
    ...('Next' in fields ? {} : { End: true }),
    ...fields,
  };
}

/** A machine of one Distributed Map whose child executions give back their input. */
export function echoing(fields: Fields): object {
  return machine({ Each: distributedMap({ Do: pass() }, fields) });
}

export function reader(config: Fields, Key = 'data'): Fields {
  return { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: config, Arguments: { Bucket: 'in', Key } };
}

/** An S3 of objects in memory, by `bucket/key`. It gives them away in pieces of so many bytes. */
export class MemoryS3 implements S3 {
  readonly objects: Map<string, Buffer>;
  /** What was asked for, in order. */
  readonly calls: string[] = [];

  constructor(
    objects: Record<string, string | Buffer> = {},
    private readonly pieceBytes = 7,
  ) {
    this.objects = new Map(Object.entries(objects).map(([key, content]) => [key, Buffer.from(content)]));
  }

  async getObject({ Bucket, Key, VersionId }: ObjectLocation): Promise<AsyncIterable<Uint8Array>> {
    this.calls.push(`get ${Bucket}/${Key}${VersionId === undefined ? '' : `@${VersionId}`}`);
    const content = this.objects.get(`${Bucket}/${Key}`);
    if (content === undefined) throw new Error('The specified key does not exist.');
    return pieces(content, this.pieceBytes);
  }

  async *listObjects({ Bucket, Prefix = '' }: { Bucket: string; Prefix?: string }): AsyncGenerator<ListedObject> {
    for (const [path, { length }] of this.objects) {
      const Key = path.slice(Bucket.length + 1);
      if (!path.startsWith(`${Bucket}/${Prefix}`)) continue;
      await new Promise(setImmediate);
      yield { Etag: `"${Key}"`, Key, LastModified: 0, Size: length, StorageClass: 'STANDARD' };
    }
  }

  async putObject({ Bucket, Key }: ObjectLocation, body: AsyncIterable<Uint8Array>): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    this.objects.set(`${Bucket}/${Key}`, Buffer.concat(parts));
  }

  text(path: string): string {
    return this.objects.get(path)!.toString();
  }

  json(path: string): unknown {
    return JSON.parse(this.text(path));
  }
}

async function* pieces(content: Buffer, bytes: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += bytes) {
    // Real time, which no virtual clock knows of.
    await new Promise(setImmediate);
    yield content.subarray(start, start + bytes);
  }
}
