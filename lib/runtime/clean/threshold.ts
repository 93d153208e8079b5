import type { CleanFinishEvent, ManifestEntry, RejectedRow } from '../contract';
import { PermanentError } from '../shared/errors';
import { readBlocks } from './blocks';

const NEWLINE = 0x0a;
const SHOWN_REASONS = 3;

/** Fails with `TooManyRejects` when more rows were rejected than allowed; the message has counts and reasons, the rows stay where they are. */
export async function checkThreshold(event: CleanFinishEvent, rejected: number, entries: readonly ManifestEntry[], manifest: string): Promise<void> {
  const rows = event.dataset.recordCount;
  const limits: string[] = [];
  if (event.maxRejected !== undefined && rejected > event.maxRejected) limits.push(`${event.maxRejected} rows`);
  if (event.maxRejectedShare !== undefined && rejected / Math.max(rows, 1) > event.maxRejectedShare)
    limits.push(`${percent(event.maxRejectedShare)} %`);
  if (limits.length === 0) return;
  const share = ((rejected / rows) * 100).toFixed(2);
  throw new PermanentError(
    'TooManyRejects',
    `${rejected} of ${rows} rows (${share} %) were rejected, allowed are ${limits.join(' and ')}; most often by ${await frequentReasons(entries)}; ` +
      `look at the rows in '${manifest}', then mend the source or the rules, or allow more`,
  );
}

/** 0.29 is 29, and not 28.999999999999996. */
function percent(share: number): number {
  return Number((share * 100).toPrecision(12));
}

async function frequentReasons(entries: readonly ManifestEntry[]): Promise<string> {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    for await (const block of readBlocks(entry)) {
      for (let at = 0; at < block.length; ) {
        const end = block.indexOf(NEWLINE, at);
        const reason = reasonOf(block.toString('utf8', at, end));
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
        at = end + 1;
      }
    }
  }
  const sorted = [...counts].sort((one, other) => other[1] - one[1]);
  return sorted
    .slice(0, SHOWN_REASONS)
    .map(([reason, count]) => `${reason} (${count})`)
    .join(', ');
}

function reasonOf(line: string): string {
  const { rule, column } = (JSON.parse(line) as RejectedRow).reason;
  return column === undefined ? rule : `${rule} of '${column}'`;
}
