import { TaskError } from '../../engine';
import { RULES } from '../../runtime/clean/rules';
import type {
  CleanDuplicatesEvent,
  CleanedPart,
  CleanFinishEvent,
  CleanPartEvent,
  Column,
  Counts,
  Cursor,
  Dataset,
  ExtractEvent,
  ExtractionReport,
  Location,
  ManifestEntry,
  ParquetArguments,
  PartAnswer,
  PartKeys,
  ResultFiles,
  Rule,
  Window,
} from '../../runtime/contract';
import { type Check, count, fields, flag, list, nullable, oneOf, optional, positive, s3Url, share, text } from './checks';

const column = fields<Column>({ name: text, type: text, nullable: flag });
const window = fields<Window>({ column: text, low: nullable(text), high: text, from: optional(text), replay: optional(flag) });
const location = fields<Location>({ bucket: text, prefix: text });
const counted = optional(count);
const counts = fields<Counts>({
  extracted: counted,
  cleaned: counted,
  rejected: counted,
  deduplicated: counted,
  converted: counted,
  loaded: counted,
  deleted: counted,
});
const meta = fields<ManifestEntry['meta']>({ content_length: count, record_count: count });
const entry = fields<ManifestEntry>({ url: s3Url, mandatory: flag, meta });
/** Which fields a rule has depends on the rule; the handlers' own validation knows. */
const rule: Check = (value, path) => oneOf(...RULES)((value as Rule)?.rule, `${path}.rule`);

export const dataset = fields<Dataset>({
  name: text,
  manifest: s3Url,
  format: oneOf('copy-text', 'jsonl', 'parquet', 'rejects'),
  recordCount: count,
  parts: count,
  columns: list(column),
  counts,
  window: optional(window),
  partial: optional(flag),
  rejects: optional(s3Url),
  extraction: optional(fields<ExtractionReport>({ invocations: positive, snapshots: count, longestTransactionMs: count })),
  schema: optional(text),
});

export const extractEvent = fields<ExtractEvent>({
  name: text,
  table: text,
  columns: optional(list(text)),
  excludeColumns: optional(list(text)),
  maskColumns: optional(list(text)),
  hashColumns: optional(list(text)),
  schema: optional(
    fields<NonNullable<ExtractEvent['schema']>>({ policy: oneOf('freeze', 'evolve'), known: optional(nullable(text)), accept: optional(flag) }),
  ),
  incremental: optional(
    fields<NonNullable<ExtractEvent['incremental']>>({
      column: text,
      low: optional(nullable(text)),
      high: optional(nullable(text)),
      lagSeconds: count,
      kind: optional(oneOf('key')),
      overlap: optional(count),
    }),
  ),
  dryRun: optional(flag),
  output: location,
  partBytes: positive,
  ranges: optional(positive),
  longestTransactionSeconds: optional(positive),
  maxInvocations: optional(positive),
  cursor: optional(nullable(fields<Cursor>({ progress: s3Url, invocation: positive }))),
});

export const cleanPartEvent = fields<CleanPartEvent>({
  dataset,
  index: count,
  rules: list(rule),
  output: location,
  rejects: location,
  overlong: optional(oneOf('fail')),
});

const keys = fields<PartKeys>({ runs: list(count), superseded: count });

export const cleanedPart = fields<CleanedPart>({
  index: count,
  read: count,
  cleaned: optional(entry),
  rejected: optional(entry),
  keys: optional(keys),
  deduplicated: count,
});

const partAnswer = fields<PartAnswer>({
  index: count,
  attempt: text,
  read: count,
  cleaned: optional(meta),
  rejected: optional(meta),
  keys: optional(keys),
  deduplicated: count,
});

const resultFiles = fields<ResultFiles>({ results: s3Url });

export const cleanFinishEvent = fields<CleanFinishEvent & Partial<CleanDuplicatesEvent>>({
  dataset,
  parts: (value, path) => (Array.isArray(value) ? list(partAnswer) : resultFiles)(value, path),
  distribute: optional(flag),
  rewritten: optional(resultFiles),
  rules: list(rule),
  output: location,
  rejects: location,
  maxRejected: optional(count),
  maxRejectedShare: optional(share),
});

export const parquetArguments = fields<ParquetArguments>({ '--source_manifest': s3Url, '--output': s3Url, '--partition_by': optional(text) });

/** Refuses what a step sends if it is not what the contract says, as the code behind it would. */
export function requireShape<T>(check: Check, value: unknown, what: string, error = 'InvalidInput'): T {
  const problems = check(value, what);
  if (problems.length > 0) throw new TaskError(error, problems.join('; '));
  return value as T;
}
