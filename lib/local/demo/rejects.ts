import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Manifest, RejectedRow } from '../../runtime/contract';
import { objectFile } from '../paths';

/** How many rows were rejected for each reason, most frequent first. */
export async function rejectsByReason(out: string, manifestUrl: string): Promise<[reason: string, rows: number][]> {
  const manifestFile = objectFile(out, manifestUrl);
  if (!existsSync(manifestFile)) return [];
  const { entries } = JSON.parse(readFileSync(manifestFile, 'utf8')) as Manifest;
  const counts = new Map<string, number>();
  for (const { url } of entries) {
    const lines = createInterface({ input: createReadStream(objectFile(out, url)).pipe(createGunzip()) });
    for await (const line of lines) {
      const { reason } = JSON.parse(line) as RejectedRow;
      const text = reason.column === undefined ? reason.rule : `${reason.rule} ${reason.column}`;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}
