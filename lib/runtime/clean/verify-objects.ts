import type { ManifestEntry } from '../contract';
import { PermanentError } from '../shared/errors';
import { objectBytes } from '../shared/s3';

const PARALLEL_REQUESTS = 32;

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
