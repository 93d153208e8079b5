import type { CleanFinishEvent, Location, ManifestEntry, PartAnswer } from '../contract';
import { PermanentError } from '../shared/errors';
import { partUrl } from '../shared/manifest';
import { objectBytes } from '../shared/s3';

const PARALLEL_REQUESTS = 32;

/** What a part wrote. */
export interface PartObjects {
  readonly cleaned?: ManifestEntry;
  readonly rejected?: ManifestEntry;
  /** Where its keys are, if it has any. */
  readonly keys: string;
}

/** The objects of a part, where its attempt was told to write them. */
export function objectsOf({ output, rejects }: Pick<CleanFinishEvent, 'output' | 'rejects'>, answer: PartAnswer): PartObjects {
  const { index, attempt, cleaned, rejected } = answer;
  const entry = (location: Location, meta: ManifestEntry['meta'] | undefined): ManifestEntry | undefined =>
    meta && { url: partUrl(beside(location, attempt), index, 'jsonl.gz'), mandatory: true, meta };
  return {
    cleaned: entry(output, cleaned),
    rejected: entry(rejects, rejected),
    keys: partUrl(beside(output, attempt), index, 'keys'),
  };
}

/** Where another attempt of the same step in the same run writes. */
export function beside({ bucket, prefix }: Location, attempt: string): Location {
  return { bucket, prefix: prefix.replace(/[^/]*$/, () => attempt) };
}

/** Fails with `CorruptInput` unless every object is there, as long as its entry says. */
export async function verifyObjects(entries: readonly ManifestEntry[]): Promise<void> {
  const waiting = entries.values();
  const work = async () => {
    for (const entry of waiting) await verify(entry);
  };
  await Promise.all(Array.from({ length: PARALLEL_REQUESTS }, work));
}

async function verify({ url, meta }: ManifestEntry): Promise<void> {
  const bytes = await objectBytes(url);
  if (bytes === meta.content_length) return;
  throw new PermanentError(
    'CorruptInput',
    `the function that cleans parts answered ${meta.content_length} bytes for '${url}', ${bytes === undefined ? 'which does not exist' : `which has ${bytes}`}; ` +
      'let it write there, under the prefix it is given, before it answers',
  );
}
