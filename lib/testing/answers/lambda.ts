import { TaskError, type TaskRequest } from '../../engine';
import { inOrder, totals } from '../../runtime/clean/answers';
import { objectsOf } from '../../runtime/clean/part-objects';
import { cleanedColumns, validateRules } from '../../runtime/clean/rules';
import type {
  CleanedPart,
  CleanFinishEvent,
  CleanPartEvent,
  Column,
  Dataset,
  Duplicates,
  ExtractEvent,
  ExtractPlan,
  Window,
} from '../../runtime/contract';
import { hiddenType } from '../../runtime/extract/projection';
import { formatSchema } from '../../runtime/shared/schema';
import { cleanFinishEvent, cleanPartEvent, extractEvent, requireShape } from './contract';
import { entriesOf, entryOf, type World } from './world';

/** Answers a call of one of the library's own functions; undefined if the payload is not for one of them. */
export function invokeOwn(world: World, request: TaskRequest): unknown {
  const { Payload: payload } = request.arguments as { Payload?: Record<string, unknown> };
  if (typeof payload !== 'object' || payload === null) return undefined;
  const handler = ownFunction(payload);
  return handler && { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: handler(world, payload, request) };
}

type OwnFunction = (world: World, payload: unknown, request: TaskRequest) => unknown;

/** Told by the fields that only its event has; that the others are there too, and right, is what the function checks. */
function ownFunction(payload: object): OwnFunction | undefined {
  if ('table' in payload && 'output' in payload) return extract;
  if ('rules' in payload && 'index' in payload) return cleanPart;
  return 'rules' in payload && 'parts' in payload ? cleanFinish : undefined;
}

function extract(world: World, payload: unknown, request: TaskRequest): Dataset | ExtractPlan {
  const event = requireShape<ExtractEvent>(extractEvent, payload, 'Payload');
  const { name, output, columns, excludeColumns = [], incremental, dryRun } = event;
  if (!dryRun) world.claim(request, `${output.bucket}/${output.prefix}`);
  const { rows, parts: most } = world.options;
  const parts = Math.min(most, rows);
  const all = world.options.columns.filter((column) => !excludeColumns.includes(column.name));
  const window: Window | undefined = incremental && {
    column: incremental.column,
    low: incremental.low ?? null,
    high: incremental.high ?? (incremental.kind === 'key' ? String(rows) : new Date(world.clock.now() - incremental.lagSeconds * 1000).toISOString()),
    ...(incremental.high != null && { replay: true }),
  };
  const wantedColumns = (columns ? columns.map((column) => wanted(column, all)) : all).map((column) => ({
    ...column,
    type: hiddenType(column.name, event) ?? column.type,
  }));
  if (dryRun) return { name, columns: wantedColumns, rows, ...(window && { window }) };
  return {
    name,
    manifest: world.write(output, { entries: entriesOf(`s3://${output.bucket}/${output.prefix}`, parts, rows), format: 'copy-text' }),
    format: 'copy-text',
    recordCount: rows,
    parts,
    columns: wantedColumns,
    counts: { extracted: rows },
    ...(window && { window }),
    extraction: { invocations: 1, snapshots: 1, longestTransactionMs: 1000 },
    schema: formatSchema(wantedColumns),
  };
}

function wanted(name: string, columns: readonly Column[]): Column {
  const found = columns.find((column) => column.name === name);
  if (!found) throw new TaskError('SourceNotFound', `the table has no column '${name}'`);
  return found;
}

function cleanPart(world: World, payload: unknown, request: TaskRequest): CleanedPart {
  const { dataset, index, rules, output, rejects } = requireShape<CleanPartEvent>(cleanPartEvent, payload, 'Payload');
  validateRules(rules, dataset.columns);
  const entry = world.read(dataset.manifest, dataset.format).entries[index];
  if (!entry) throw new TaskError('InvalidInput', `the dataset has no part ${index}`);
  const file = `part-${String(index).padStart(5, '0')}.jsonl.gz`;
  for (const { bucket, prefix } of [output, rejects]) world.claim(request, `${bucket}/${prefix}/${file}`);
  const rows = entry.meta.record_count;
  return { index, read: rows, cleaned: entryOf(`s3://${output.bucket}/${output.prefix}/${file}`, rows), deduplicated: 0 };
}

function cleanFinish(world: World, payload: unknown, request: TaskRequest): Dataset | Duplicates {
  const event = requireShape<CleanFinishEvent>(cleanFinishEvent, payload, 'Payload');
  const { dataset, rules, output, rejects } = event;
  validateRules(rules, dataset.columns);
  const parts = inOrder(dataset, 'results' in event.parts ? world.results(event.parts.results) : event.parts);
  for (const { bucket, prefix } of [output, rejects]) world.claim(request, `${bucket}/${prefix}/manifest.json`);
  // rows of the simulation have keys of their own
  if ('distribute' in event) return { duplicates: world.write(output, { entries: [], format: 'jsonl' }) };
  const objects = parts.map((part) => objectsOf(event, part));
  const entries = objects.flatMap(({ cleaned }) => cleaned ?? []);
  const counts = totals(parts);
  return {
    ...dataset,
    manifest: world.write(output, { entries, format: 'jsonl' }),
    format: 'jsonl',
    recordCount: counts.cleaned,
    parts: entries.length,
    columns: cleanedColumns(rules, dataset.columns),
    counts: { ...dataset.counts, ...counts },
    rejects: world.write(rejects, { entries: objects.flatMap(({ rejected }) => rejected ?? []), format: 'rejects' }),
  };
}
