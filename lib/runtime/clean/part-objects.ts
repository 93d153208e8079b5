import type { CleanFinishEvent, Location, ManifestEntry, PartAnswer } from '../contract';
import { partUrl } from '../shared/part-url';

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
