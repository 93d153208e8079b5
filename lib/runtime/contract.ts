/**
 * What the state machine and the code it calls say to each other. No import: the constructs that render these shapes,
 * the handlers and Glue script that answer them, and the local run all rest on this one file.
 */

/** How the rows of a dataset are written. */
export type Format =
  /** PostgreSQL `COPY ... TO STDOUT` text, gzip: a record is a line, `\N` is NULL. */
  | 'copy-text'
  /** One JSON object a line, gzip: every value is a JSON string in PostgreSQL's text form, or null. */
  | 'jsonl'
  | 'parquet'
  /** A {@link RejectedRow} a line, gzip: what a clean step could not take, for another try once its rules are mended. */
  | 'rejects';

/**
 * A column of a dataset. `type` is the Redshift type the column gets when the load creates its table: `smallint integer bigint
 * decimal(p,s) real double precision boolean varchar(n) date time timestamp timestamptz`. `n` counts bytes, as Redshift does. What has none of these is text: bytea in hexadecimal, arrays as JSON.
 */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** The half-open range `[low, high)` of an incremental extraction. `low` is null on the first run. */
export interface Window {
  readonly column: string;
  readonly low: string | null;
  readonly high: string;
  /** Where the rows begin that were extracted, if that is before `low`: an overlap with the window before. */
  readonly from?: string;
  /** The window is behind the watermark, or was: the commit leaves the watermark where it is. */
  readonly replay?: boolean;
}

/** How many rows each step saw. extracted = cleaned + rejected + deduplicated; cleaned = converted = loaded. */
export interface Counts {
  readonly extracted?: number;
  readonly cleaned?: number;
  readonly rejected?: number;
  readonly deduplicated?: number;
  readonly converted?: number;
  readonly loaded?: number;
  /** Rows of the table whose keys were not in the source any more. */
  readonly deleted?: number;
}

/** The small value that travels between states, in the variable `$dataset`: a pointer, counts and column types, never rows. */
export interface Dataset {
  /** What the dataset is called in keys and watermarks, `sales.orders` for the table of that name. */
  readonly name: string;
  /** `s3://bucket/key` of the manifest. */
  readonly manifest: string;
  readonly format: Format;
  readonly recordCount: number;
  /** Number of entries in the manifest. */
  readonly parts: number;
  readonly columns: readonly Column[];
  readonly counts: Counts;
  readonly window?: Window;
  /** Whether these are but some of the rows of their window or table, as rows are that were rejected once: they take nothing else out of a target. */
  readonly partial?: boolean;
  /** `s3://bucket/key` of the manifest of rejected rows, once a clean step ran; beside it lies `dataset.json`, the dataset to clean them again. */
  readonly rejects?: string;
  readonly extraction?: ExtractionReport;
  /** The columns as they were extracted, with their types, in one text: what those of the next run are held against. */
  readonly schema?: string;
}

/** How an extraction read its source. */
export interface ExtractionReport {
  readonly invocations: number;
  /** The moments at which rows were read. With one, all rows are of that moment. */
  readonly snapshots: number;
  readonly longestTransactionMs: number;
}

export interface ManifestEntry {
  readonly url: string;
  readonly mandatory: true;
  readonly meta: { readonly content_length: number; readonly record_count: number };
}

/** The one S3 object that says what a dataset holds. Redshift COPY, a Distributed Map reader and the Glue job all read it. */
export interface Manifest {
  readonly entries: readonly ManifestEntry[];
  readonly meta: { readonly content_length: number; readonly record_count: number };
  readonly format: Format;
  readonly schema: { readonly elements: readonly Column[] };
}

/** Where an attempt writes: keys are `<prefix>/part-00000.<ext>` and, last, `<prefix>/manifest.json`. */
export interface Location {
  readonly bucket: string;
  readonly prefix: string;
}

/** Where an extraction goes on that did not end in one invocation. */
export interface Cursor {
  /** `s3://bucket/key` of what was read until now; places in the key's order are values of rows, so they are there and not in the state. */
  readonly progress: string;
  /** How many invocations there were. */
  readonly invocation: number;
}

/** What the extract function answers before its time is over; the machine invokes it again with the cursor. */
export interface Unfinished {
  readonly done: false;
  readonly cursor: Cursor;
}

/**
 * What `<Extract>: Run` sends to the extract function; it answers with a {@link Dataset}, or {@link Unfinished}. The connection is in the function's
 * environment.
 */
export interface ExtractEvent {
  /** {@link Dataset.name} of the result. */
  readonly name: string;
  /** `schema.table` or `table`, spelled as the catalogue spells it; a part with unusual characters in double quotes, as in SQL. */
  readonly table: string;
  /** @default - all columns, in catalogue order */
  readonly columns?: readonly string[];
  readonly excludeColumns?: readonly string[];
  /** Columns of which only `***` leaves the database, as varchar(3). */
  readonly maskColumns?: readonly string[];
  /** Columns of which only the SHA-256 leaves the database, in hexadecimal, as varchar(64). */
  readonly hashColumns?: readonly string[];
  /** Present for incremental extraction. `low` is absent or null on the first run. With `high` the window is a replay, and ends there. */
  readonly incremental?: {
    readonly column: string;
    readonly low?: string | null;
    readonly high?: string | null;
    /** Behind the clock; by key, how long open transactions are waited for. */
    readonly lagSeconds: number;
    /** @default - by time */
    readonly kind?: 'key';
    /** Seconds, or keys, that the window reaches back before `low`. @default 0 */
    readonly overlap?: number;
  };
  /** Nothing is extracted: the answer is an {@link ExtractPlan}. */
  readonly dryRun?: boolean;
  /** What becomes of columns that are not those of the last committed run. @default - any columns are extracted */
  readonly schema?: {
    readonly policy: 'freeze' | 'evolve';
    /** {@link Dataset.schema} of that run; null or absent if there is none. */
    readonly known?: string | null;
    /** Whether this run takes them as they are. */
    readonly accept?: boolean;
  };
  readonly output: Location;
  /** Uncompressed bytes after which a part ends at the next record. */
  readonly partBytes: number;
  /** How many ranges of the key are read side by side, each of at least a part, by a connection each. @default 1 */
  readonly ranges?: number;
  /** No transaction that reads rows is longer. @default 300 */
  readonly longestTransactionSeconds?: number;
  /** The extraction fails when it needs more. @default 200 */
  readonly maxInvocations?: number;
  /** What the invocation before answered; null or absent in the first. */
  readonly cursor?: Cursor | null;
}

/** What an extraction would extract now. */
export interface ExtractPlan {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly window?: Window;
}

/** A cleaning rule as data. Rules run in order; the first that a row breaks rejects the row, with that rule as the reason. */
export type Rule =
  /** Cuts white space off both ends of text. Without columns: every varchar column. */
  | { readonly rule: 'trim'; readonly columns?: readonly string[] }
  /** Makes NULL of these texts (exact match). Without columns: every varchar column. */
  | { readonly rule: 'nullIf'; readonly values: readonly string[]; readonly columns?: readonly string[] }
  /** Changes the column's type; a value that does not convert exactly rejects the row. */
  | { readonly rule: 'cast'; readonly column: string; readonly to: string }
  | { readonly rule: 'required'; readonly columns: readonly string[] }
  | { readonly rule: 'allowed'; readonly column: string; readonly values: readonly string[] }
  | { readonly rule: 'matches'; readonly column: string; readonly pattern: string }
  /** Inclusive bounds, compared by the column's type. */
  | { readonly rule: 'range'; readonly column: string; readonly min?: string; readonly max?: string }
  /** Gives NULL a value. */
  | { readonly rule: 'default'; readonly column: string; readonly value: string }
  /** Without columns: every varchar column. */
  | { readonly rule: 'lower' | 'upper'; readonly columns?: readonly string[] }
  /** Replaces every match of the pattern; `$1` in `with` stands for what its first group matched, `$$` for `$`. */
  | { readonly rule: 'replace'; readonly column: string; readonly pattern: string; readonly with: string }
  /** Makes the SHA-256 of the value out of it, in hexadecimal: a varchar(64), equal for equal values of the column's type. */
  | { readonly rule: 'hash'; readonly columns: readonly string[] }
  /** Rules after it know the column by its new name. */
  | { readonly rule: 'rename'; readonly column: string; readonly to: string }
  /** Leaves the columns out of the cleaned rows; what they hold is not checked any more. */
  | { readonly rule: 'drop'; readonly columns: readonly string[] }
  /**
   * Keeps one row of each key over the whole dataset: the first or, with `latest`, the one with the greatest value of that column, of equal ones the
   * last. The others are counted as deduplicated, not rejected.
   */
  | { readonly rule: 'unique'; readonly columns: readonly string[]; readonly latest?: string };

/** What `<Clean>: Part` sends for each part; a function of the user's own takes the same. */
export interface CleanPartEvent {
  readonly dataset: Dataset;
  /** Which entry of the manifest to clean, from 0. */
  readonly index: number;
  readonly rules: readonly Rule[];
  /** Cleaned rows: `<prefix>/part-<index, 5 digits>.jsonl.gz`. */
  readonly output: Location;
  /** Rejected rows: `<prefix>/part-<index, 5 digits>.jsonl.gz`. */
  readonly rejects: Location;
  /** Whether a text of more bytes than its column holds fails the run (`TooManyRejects`). @default - it rejects its row, with the rule `overlong` */
  readonly overlong?: 'fail';
}

/** What cleaning a part answers. A function of the user's own answers the same; `finish` holds it against what lies in S3. */
export interface CleanedPart {
  readonly index: number;
  readonly read: number;
  /** Absent when no row was left. */
  readonly cleaned?: ManifestEntry;
  readonly rejected?: ManifestEntry;
  /** What `unique` needs across parts, in `<output prefix>/part-<index>.keys`; absent where nothing is to be judged. */
  readonly keys?: PartKeys;
  /** Rows already dropped as duplicates within the part. */
  readonly deduplicated: number;
}

/** How many records a keys object holds: sorted runs of keys, then the places of rows that other rows of the part supersede. */
export interface PartKeys {
  readonly runs: readonly number[];
  readonly superseded: number;
}

/**
 * What the state machine keeps of a {@link CleanedPart}. Where the objects lie is not in state, which thousands of parts would overflow: they lie where
 * the attempt was told to write.
 */
export interface PartAnswer {
  readonly index: number;
  /** The folder of the attempt that answered, beside that of the attempt that finishes. */
  readonly attempt: string;
  readonly read: number;
  readonly deduplicated: number;
  readonly cleaned?: ManifestEntry['meta'];
  readonly rejected?: ManifestEntry['meta'];
  readonly keys?: PartKeys;
}

/** `s3://bucket/key` of the manifest that a Distributed Map writes of its results: {@link PartAnswer}s in files of JSON Lines. */
export interface ResultFiles {
  readonly results: string;
}

/** What `<Clean>: Find duplicates` answers, so that parts are rewritten side by side: the url of a manifest with a {@link DuplicatesEntry} for each. */
export interface Duplicates {
  readonly duplicates: string;
}

/** A part with rows that go because other rows have their key. */
export interface DuplicatesEntry extends ManifestEntry {
  readonly index: number;
  /** `s3://bucket/key` of a bit for each row, set for those that go. */
  readonly marks: string;
  /** How many are set. */
  readonly duplicates: number;
}

/** What `<Clean>: Rewrite part` sends for each part that has duplicates; it answers with a {@link CleanedPart}. */
export interface CleanRewriteEvent {
  readonly part: DuplicatesEntry;
  readonly output: Location;
}

/** What `<Clean>: Finish` sends once every part is cleaned; it answers with a {@link Dataset}. */
export interface CleanFinishEvent {
  readonly dataset: Dataset;
  readonly parts: readonly PartAnswer[] | ResultFiles;
  /** The answers of the parts that were rewritten, once they are. */
  readonly rewritten?: ResultFiles;
  readonly rules: readonly Rule[];
  readonly output: Location;
  readonly rejects: Location;
  /** More rejected rows than this fail the run (`TooManyRejects`). */
  readonly maxRejected?: number;
  /** A larger share of rejected rows than this, from 0 to 1, fails the run. */
  readonly maxRejectedShare?: number;
}

/** What `<Clean>: Find duplicates` sends: it answers {@link Duplicates} and leaves it to others to rewrite the parts that have any. */
export interface CleanDuplicatesEvent extends CleanFinishEvent {
  readonly distribute: true;
}

/** A line of a rejects part: why, where it was, and the row as it came. */
export interface RejectedRow {
  readonly reason: { readonly rule: string; readonly column?: string };
  readonly part: number;
  /** Line within the part, from 1. */
  readonly line: number;
  readonly row: Readonly<Record<string, string | null>>;
}

/** The arguments of the Glue job; it writes parts, `manifest.json` and, last, `dataset.json` (a {@link ConvertedDataset}) under `--output`. */
export interface ParquetArguments {
  readonly '--source_manifest': string;
  /** `s3://bucket/prefix`. */
  readonly '--output': string;
  /** Comma separated column names; absent for none. The columns stay in the files too, because COPY reads files only. */
  readonly '--partition_by'?: string;
}

export type ConvertedDataset = Pick<Dataset, 'manifest' | 'format' | 'recordCount' | 'parts'>;

/**
 * Names of errors that no retry can mend: the handlers throw them, and the retry policy names them in its retrier with MaxAttempts 0.
 * An error's message names columns, types and counts, never a value of a row.
 */
export const PERMANENT_ERRORS = [
  'InvalidInput',
  'SourceNotFound',
  'SchemaChanged',
  'AccessDenied',
  'UnsupportedType',
  'TooManyRejects',
  'CorruptInput',
  'LimitExceeded',
] as const;
