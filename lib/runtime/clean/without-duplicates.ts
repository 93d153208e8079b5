import type { ManifestEntry } from '../contract';
import { PermanentError } from '../shared/errors';
import { readBlocks } from './blocks';
import { PartWriter } from './part-writer';
import type { RowMarks } from './row-marks';

const NEWLINE = 0x0a;

/** Writes a part again without its marked rows; undefined when none is left. */
export async function withoutDuplicates(entry: ManifestEntry, marks: RowMarks, url: string): Promise<ManifestEntry | undefined> {
  const writer = new PartWriter(url);
  let row = 0;
  try {
    for await (const block of readBlocks(entry)) {
      for (let at = 0; at < block.length; row++) {
        const end = block.indexOf(NEWLINE, at);
        if (!marks.has(row)) copyLine(writer, block, at, end);
        at = end + 1;
      }
      await writer.flush();
    }
    if (row !== entry.meta.record_count) {
      throw new PermanentError('CorruptInput', `'${entry.url}' has ${row} rows, it was written with ${entry.meta.record_count}; clean it again`);
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
