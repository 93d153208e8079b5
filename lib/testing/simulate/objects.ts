import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ListedObject, ObjectLocation, S3 } from '../../engine';

/** The content of an object: bytes, text, or anything else as JSON. */
export type ObjectContent = string | Uint8Array | object;

/** Physical names of buckets, by logical id. */
export type Buckets = Readonly<Record<string, string>>;

/** The S3 of a simulated run, in memory: what the user put there, what the run wrote, and the manifests of the steps. */
export class SimulatedObjects implements S3 {
  private readonly objects: Map<string, Uint8Array>;

  constructor(
    given: Readonly<Record<string, ObjectContent>>,
    buckets: Buckets,
    private readonly now: () => number,
    private readonly made: (url: string) => object | undefined = () => undefined,
  ) {
    this.objects = new Map(Object.entries(given).map(([url, content]) => [physical(url, buckets), bytesOf(content)]));
  }

  async getObject({ Bucket, Key, VersionId }: ObjectLocation): Promise<AsyncIterable<Uint8Array>> {
    if (VersionId !== undefined) throw new Error(`version '${VersionId}' of s3://${Bucket}/${Key}: a simulated object has no versions`);
    const url = `s3://${Bucket}/${Key}`;
    const made = this.made(url);
    const content = this.objects.get(url) ?? (made && bytesOf(made));
    if (content !== undefined) return Readable.from([content]);
    const there = [...this.objects.keys()].join(', ') || 'none';
    throw new Error(
      `no object s3://${Bucket}/${Key} is there; give it: simulate(..., { objects: { 's3://${Bucket}/${Key}': ... } }); there are: ${there}`,
    );
  }

  async *listObjects({ Bucket, Prefix = '' }: { readonly Bucket: string; readonly Prefix?: string }): AsyncGenerator<ListedObject> {
    const bucket = `s3://${Bucket}/`;
    const LastModified = Math.floor(this.now() / 1000);
    for (const url of [...this.objects.keys()].filter((each) => each.startsWith(`${bucket}${Prefix}`)).sort()) {
      const content = this.objects.get(url)!;
      const Etag = `"${createHash('md5').update(content).digest('hex')}"`;
      yield { Etag, Key: url.slice(bucket.length), LastModified, Size: content.length, StorageClass: 'STANDARD' };
    }
  }

  async putObject({ Bucket, Key }: ObjectLocation, body: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    this.objects.set(`s3://${Bucket}/${Key}`, Buffer.concat(pieces));
  }

  /** An object as text. */
  text(url: string): string | undefined {
    const content = this.objects.get(url);
    return content && Buffer.from(content).toString();
  }

  /** All that is there, as text. */
  texts(): Record<string, string> {
    return Object.fromEntries([...this.objects].map(([url, content]) => [url, Buffer.from(content).toString()]));
  }
}

/** A bucket of the stack may go by the id of its construct, or a part of its logical id: the name is made only at deployment. */
function physical(url: string, buckets: Buckets): string {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(url) ?? [];
  if (bucket === undefined || key === undefined) throw new Error(`the object '${url}' must be called s3://bucket/key`);
  if (Object.values(buckets).includes(bucket)) return url;
  const found = Object.entries(buckets).filter(([logicalId]) => logicalId.includes(bucket));
  if (found.length > 1)
    throw new Error(`'${bucket}' in '${url}' could be any of the buckets ${found.map(([logicalId]) => logicalId).join(', ')}; name one`);
  return found.length === 0 ? url : `s3://${found[0]![1]}/${key}`;
}

function bytesOf(content: ObjectContent): Uint8Array {
  if (content instanceof Uint8Array) return content;
  return Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
}
