import { type Clock, TaskError, type TaskRequest } from '../../engine';
import type { Column, Dataset, Format, Location, ManifestEntry, PartAnswer } from '../../runtime/contract';

/** How the simulated services are set up. */
export interface WorldOptions {
  /** Rows that an extraction finds. @default 1000 */
  readonly rows?: number;
  /** Parts that an extraction writes, no more than it has rows. @default 2 */
  readonly parts?: number;
  /** Columns of the source. @default - those that the definition names, as text */
  readonly columns?: readonly Column[];
  /** What becomes of the first batches of statements that a state submits, in their order: `['fails', 'hangs']`; those after them succeed. @default [] */
  readonly statements?: readonly ('fails' | 'aborts' | 'hangs')[];
  /** How long a batch of statements runs. @default 5 */
  readonly statementSeconds?: number;
  /** Whether an earlier run holds the locks of extractions, and is still on its way, or ended without giving them back. @default 'free' */
  readonly lock?: 'free' | 'held' | 'left';
}

/** What is known of a dataset that is extracted again and again. */
export interface ExtractItem {
  readonly holder?: string;
  readonly watermark?: string;
  readonly run_id?: string;
  readonly last_replay?: string;
  readonly source_columns?: string;
}

/** What lies behind a manifest. */
export interface Stored {
  readonly entries: readonly ManifestEntry[];
  readonly format: Format;
}

/** A batch of statements that was submitted. */
export interface Statement {
  /** The state that submitted it. */
  readonly state: string;
  readonly id: string;
  readonly sqls: readonly string[];
  readonly submitted: number;
  /** When it ends, in epoch milliseconds. */
  readonly ends: number;
  readonly failure?: string;
  aborted: boolean;
}

/** What one simulated run has made: no rows, but which manifests there are and how many rows they speak of. */
export class World {
  readonly manifests = new Map<string, Stored>();
  /** Small objects by `bucket/key`. */
  readonly objects = new Map<string, string>();
  readonly statements = new Map<string, Statement>();
  /** Items by table and dataset. */
  readonly items = new Map<string, ExtractItem>();
  /** The run that holds locks when this one starts. */
  readonly earlierRun = 'arn:aws:states:us-east-1:111111111111:execution:simulation:earlier';
  private readonly claims = new Map<string, { readonly visit: unknown; readonly attempt: number }>();

  constructor(
    readonly clock: Clock,
    readonly options: Required<WorldOptions>,
    /** What Distributed Maps wrote, by `s3://bucket/key`. */
    private readonly written: (url: string) => string | undefined = () => undefined,
    earlier?: World,
  ) {
    if (!earlier) return;
    for (const [url, stored] of earlier.manifests) this.manifests.set(url, stored);
    for (const [key, body] of earlier.objects) this.objects.set(key, body);
    for (const [place, item] of earlier.items) this.items.set(place, { ...item, holder: item.holder && this.earlierRun });
  }

  /** Writes a manifest and answers where it is. */
  write({ bucket, prefix }: Location, stored: Stored): string {
    const url = `s3://${bucket}/${prefix}/manifest.json`;
    this.manifests.set(url, stored);
    return url;
  }

  /** The manifest that a step was told to read. */
  read(url: string, format?: Format): Stored {
    const stored = this.manifests.get(url);
    if (!stored) throw new TaskError('SourceNotFound', `no step of this run wrote the manifest ${url}`);
    if (format !== undefined && stored.format !== format) throw new TaskError('CorruptInput', `${url} holds ${stored.format}, not ${format}`);
    return stored;
  }

  /** What the children of a Distributed Map answered. */
  results(url: string): PartAnswer[] {
    const text = this.written(url);
    if (text === undefined) throw new TaskError('SourceNotFound', `no Distributed Map wrote results to ${url}`);
    const { DestinationBucket, ResultFiles } = JSON.parse(text) as { DestinationBucket: string; ResultFiles: { SUCCEEDED: { Key: string }[] } };
    const lines = ResultFiles.SUCCEEDED.flatMap(({ Key }) => this.written(`s3://${DestinationBucket}/${Key}`)!.split('\n'));
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as PartAnswer);
  }

  /** Two tries of one visit must not write to the same place, or the first, still alive, could overwrite the second. */
  claim({ context, attempt, state }: TaskRequest, place: string): void {
    const visit = `${state} ${(context.State as { EnteredTime: string }).EnteredTime}`;
    const other = this.claims.get(place);
    if (other?.visit === visit && other.attempt !== attempt) {
      throw new TaskError(
        'InvalidInput',
        `try ${attempt + 1} writes to ${place}, as an earlier try does that may still be alive; put RetryCount into the prefix`,
      );
    }
    this.claims.set(place, { visit, attempt });
  }

  /** Takes a dataset that a handler of the user's answered as written. */
  adopt({ manifest, format, recordCount, parts }: Dataset): void {
    if (!this.manifests.has(manifest))
      this.manifests.set(manifest, { entries: entriesOf(manifest.replace(/\/[^/]*$/, ''), parts, recordCount), format });
  }
}

/** So many entries with the rows spread over them. */
export function entriesOf(folder: string, parts: number, rows: number): ManifestEntry[] {
  return Array.from({ length: parts }, (_, index) => entryOf(`${folder}/part-${String(index).padStart(5, '0')}`, share(rows, parts, index)));
}

export function entryOf(url: string, rows: number): ManifestEntry {
  return { url, mandatory: true, meta: { content_length: rows * 100, record_count: rows } };
}

function share(rows: number, parts: number, index: number): number {
  return Math.floor(rows / parts) + (index < rows % parts ? 1 : 0);
}
