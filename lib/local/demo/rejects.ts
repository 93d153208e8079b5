import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Dataset, Manifest, RejectedRow } from '../../runtime/contract';
import { objectFile } from '../paths';
import { openStore } from '../states/store';

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

/** The step that cleans, in the apps of the demo. */
const CLEAN = 'Clean';

/** The run input by which the rows that a run on the folder rejected are cleaned again. */
export function replayOfRejects(out: string, runId: string): { startAt: string; dataset: Dataset } {
  const run = [...openStore(out).executions.values()].find(({ name }) => name === runId);
  if (run === undefined) throw new Error(`there is no run '${runId}' in '${out}'; the report of a run that rejected rows ends with its id`);
  const rejects = (JSON.parse(run.output ?? '{}') as Partial<Dataset>).rejects;
  if (run.status !== 'SUCCEEDED' || rejects === undefined) {
    throw new Error(
      `run '${runId}' is ${run.status} and loaded no row of its window; run again, and the whole of it is cleaned by the rules as they are now`,
    );
  }
  const dataset = JSON.parse(readFileSync(objectFile(out, rejects.replace(/manifest\.json$/, 'dataset.json')), 'utf8')) as Dataset;
  if (dataset.recordCount === 0) throw new Error(`run '${runId}' rejected no row`);
  return { startAt: CLEAN, dataset };
}
