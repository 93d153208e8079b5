import type { CleanFinishEvent, Dataset, ManifestEntry } from '../contract';
import { toManifest, writeManifest } from '../shared/manifest';
import { inOrder, totals } from './answers';
import { deduplicate } from './deduplicate';
import { cleanedColumns, validateRules } from './rules';
import { checkThreshold } from './threshold';

/**
 * Makes one dataset of cleaned parts: checks that all are there, holds the rejects against what is allowed, removes duplicates across parts and
 * writes the manifests, that of the rejects before anything can fail for their number. Run twice it does the same again.
 */
export async function finishClean(event: CleanFinishEvent): Promise<Dataset> {
  const { dataset, rules } = event;
  validateRules(rules, dataset.columns);
  const answers = inOrder(event);

  const rejects = present(answers.map((part) => part.rejected));
  const rejectsManifest = await writeManifest(event.rejects, toManifest(rejects, 'jsonl', dataset.columns));
  await checkThreshold(event, totals(answers).rejected, rejects, rejectsManifest);

  const acrossParts = dataset.parts > 1 && rules.some((rule) => rule.rule === 'unique');
  const parts = acrossParts ? await deduplicate(answers, event.output) : answers;
  const counts = totals(parts);
  const counted = counts.cleaned + counts.rejected + counts.deduplicated;
  if (counted !== dataset.recordCount) throw new Error(`${dataset.recordCount} rows went into clean, ${counted} came out of it`);

  const columns = cleanedColumns(rules, dataset.columns);
  const cleaned = present(parts.map((part) => part.cleaned));
  const manifest = await writeManifest(event.output, toManifest(cleaned, 'jsonl', columns));
  return {
    ...dataset,
    manifest,
    format: 'jsonl',
    recordCount: counts.cleaned,
    parts: cleaned.length,
    columns,
    counts: { ...dataset.counts, ...counts },
    rejects: rejectsManifest,
  };
}

function present(entries: readonly (ManifestEntry | undefined)[]): ManifestEntry[] {
  return entries.filter((entry) => entry !== undefined);
}
