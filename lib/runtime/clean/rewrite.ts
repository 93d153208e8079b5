import type { CleanedPart, CleanRewriteEvent, Duplicates, DuplicatesEntry, Location, ManifestEntry } from '../contract';
import { partUrl } from '../shared/manifest';
import { readRange } from '../shared/read';
import { formatS3Url, writeText } from '../shared/s3';
import type { Duplicates as Found } from './cross-part';
import { RowMarks } from './row-marks';
import { withoutDuplicates } from './without-duplicates';

/** Writes down which rows of which parts go, for {@link rewritePart}. */
export async function writeDuplicates(
  found: AsyncIterable<Found>,
  cleaned: readonly (ManifestEntry | undefined)[],
  output: Location,
): Promise<Duplicates> {
  const entries: DuplicatesEntry[] = [];
  for await (const { part, marks } of found) {
    const url = partUrl(output, part, 'duplicates');
    await writeText(url, marks.bytes, 'application/octet-stream');
    entries.push({ ...cleaned[part]!, index: part, marks: url, duplicates: marks.count });
  }
  const duplicates = formatS3Url(output.bucket, `${output.prefix}/duplicates.json`);
  await writeText(duplicates, JSON.stringify({ entries }), 'application/json');
  return { duplicates };
}

/** Writes a part again without its duplicates. */
export async function rewritePart({ part, output }: CleanRewriteEvent): Promise<CleanedPart> {
  const rows = part.meta.record_count;
  const marks = RowMarks.from(await readRange(part.marks, 0, Math.ceil(rows / 8)), part.duplicates);
  const cleaned = await withoutDuplicates(part, marks, partUrl(output, part.index, 'jsonl.gz'));
  return { index: part.index, read: rows, cleaned, deduplicated: part.duplicates };
}
