import type { CleanedPart, Location, ManifestEntry } from '../contract';
import { PermanentError } from '../shared/errors';
import { partUrl } from '../shared/manifest';
import { readBlocks } from './blocks';
import { type Duplicates, findDuplicates, type PartKeys } from './cross-part';
import { PartWriter } from './part-writer';

const NEWLINE = 0x0a;

/**
 * Removes the rows whose key an earlier part has. A part that loses rows is written again under another key, so that the same call can be made twice;
 * the others stay as they are.
 */
export async function deduplicate(parts: readonly CleanedPart[], output: Location): Promise<CleanedPart[]> {
  const result = [...parts];
  for await (const duplicates of findDuplicates(parts.flatMap(keysOf))) {
    const part = parts[duplicates.part]!;
    const cleaned = await withoutDuplicates(part.cleaned!, duplicates, partUrl(output, part.index, 'unique.jsonl.gz'));
    result[part.index] = { ...part, cleaned, deduplicated: part.deduplicated + duplicates.count };
  }
  return result;
}

function keysOf({ index, keys, cleaned }: CleanedPart): PartKeys[] {
  if (!cleaned) return [];
  if (keys) return [{ part: index, url: keys, records: cleaned.meta.record_count }];
  throw new PermanentError(
    'InvalidInput',
    `part ${index} answers no keys, which the unique rule needs; drop the rule, or let the clean function write them`,
  );
}

async function withoutDuplicates(entry: ManifestEntry, duplicates: Duplicates, url: string): Promise<ManifestEntry | undefined> {
  const writer = new PartWriter(url);
  let ordinal = 0;
  try {
    for await (const block of readBlocks(entry)) {
      for (let at = 0; at < block.length; ordinal++) {
        const end = block.indexOf(NEWLINE, at);
        if (!duplicates.has(ordinal)) copyLine(writer, block, at, end);
        at = end + 1;
      }
      await writer.flush();
    }
    if (ordinal !== entry.meta.record_count) {
      throw new PermanentError('CorruptInput', `'${entry.url}' has ${ordinal} rows, it was written with ${entry.meta.record_count}; clean it again`);
    }
    return await writer.close();
  } catch (error) {
    await writer.abort(error as Error);
    throw error;
  }
}

function copyLine(writer: PartWriter, block: Buffer, start: number, end: number): void {
  writer.line(end - start, (buffer, at) => at + block.copy(buffer, at, start, end));
}
