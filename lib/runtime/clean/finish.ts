import type { CleanDuplicatesEvent, CleanFinishEvent, Column, Dataset, Duplicates, ManifestEntry, Rule, Window } from '../contract';
import { PermanentError } from '../shared/errors';
import { toManifest, writeManifest } from '../shared/manifest';
import { formatS3Url, writeText } from '../shared/s3';
import { inOrder, totals } from './answers';
import { deduplicate, duplicatesIn, type FinishedPart, type RemainingTime, withRewritten } from './deduplicate';
import { objectsOf } from './part-objects';
import { answersOf } from './results';
import { writeDuplicates } from './rewrite';
import { cleanedColumns, placedColumns, validateRules } from './rules';
import { checkThreshold } from './threshold';
import { verifyObjects } from './verify-objects';

/**
 * Makes one dataset of cleaned parts: checks that all are there, holds the rejects against what is allowed, removes duplicates across parts and
 * writes the manifests, that of the rejects before anything can fail for their number. Run twice it does the same again.
 */
export async function finishClean(event: CleanDuplicatesEvent): Promise<Duplicates>;
export async function finishClean(event: CleanFinishEvent, time?: RemainingTime): Promise<Dataset>;
export async function finishClean(event: CleanFinishEvent | CleanDuplicatesEvent, time?: RemainingTime): Promise<Dataset | Duplicates> {
  const { dataset, rules, rewritten } = event;
  validateRules(rules, dataset.columns);
  const answers = inOrder(dataset, await answersOf(event.parts));
  const objects = answers.map((answer) => objectsOf(event, answer));
  const cleaned = objects.map((part) => part.cleaned);
  const rejects = present(objects.map(({ rejected }) => rejected));
  await verifyObjects([...present(cleaned), ...rejects]);

  const rejectsManifest = await writeRejects(event, rejects);
  await checkThreshold(event, totals(answers).rejected, rejects, rejectsManifest);
  if (rewritten) return finished(event, withRewritten(event, answers, await answersOf(rewritten)), rejectsManifest);
  if ('distribute' in event) return writeDuplicates(duplicatesIn(event, answers), cleaned, event.output);
  return finished(event, await deduplicate(event, answers, time), rejectsManifest);
}

/** Writes the manifest of the rejects and, beside it, the dataset by which a run cleans them again once the rules are mended. */
async function writeRejects({ dataset, rejects }: CleanFinishEvent, entries: readonly ManifestEntry[]): Promise<string> {
  const manifest = toManifest(entries, 'rejects', dataset.columns);
  const url = await writeManifest(rejects, manifest);
  const { name, columns, window } = dataset;
  const recordCount = manifest.meta.record_count;
  const again: Dataset = {
    name,
    manifest: url,
    format: 'rejects',
    recordCount,
    parts: entries.length,
    columns,
    counts: { extracted: recordCount },
    ...(window && { window }),
    partial: true,
  };
  await writeText(formatS3Url(rejects.bucket, `${rejects.prefix}/dataset.json`), JSON.stringify(again), 'application/json');
  return url;
}

async function finished(event: CleanFinishEvent, parts: readonly FinishedPart[], rejects: string): Promise<Dataset> {
  const { dataset, rules, output } = event;
  const cleaned = present(parts.map(({ objects }) => objects.cleaned));
  const counts = {
    cleaned: rowsOf(cleaned),
    rejected: rowsOf(present(parts.map(({ objects }) => objects.rejected))),
    deduplicated: parts.reduce((sum, { deduplicated }) => sum + deduplicated, 0),
  };
  const counted = counts.cleaned + counts.rejected + counts.deduplicated;
  if (counted !== dataset.recordCount) throw new Error(`${dataset.recordCount} rows went into clean, ${counted} came out of it`);

  const columns = cleanedColumns(rules, dataset.columns);
  const manifest = await writeManifest(output, toManifest(cleaned, 'jsonl', columns));
  return {
    ...dataset,
    manifest,
    format: 'jsonl',
    recordCount: counts.cleaned,
    parts: cleaned.length,
    columns,
    counts: { ...dataset.counts, ...counts },
    ...(dataset.window && { window: cleanedWindow(dataset.window, dataset.columns, rules) }),
    rejects,
  };
}

/** The window under the name that its column has now. Without the column no load could tell which of two rows is newer. */
function cleanedWindow(window: Window, before: readonly Column[], rules: readonly Rule[]): Window {
  const place = before.findIndex(({ name }) => name === window.column);
  if (place < 0) return window;
  const kept = placedColumns(rules, before).find((column) => column.place === place);
  if (kept) return { ...window, column: kept.name };
  throw new PermanentError('InvalidInput', `a drop rule takes '${window.column}', by which the load tells which row is newer; keep that column`);
}

function rowsOf(entries: readonly ManifestEntry[]): number {
  return entries.reduce((sum, { meta }) => sum + meta.record_count, 0);
}

function present(entries: readonly (ManifestEntry | undefined)[]): ManifestEntry[] {
  return entries.filter((entry) => entry !== undefined);
}
