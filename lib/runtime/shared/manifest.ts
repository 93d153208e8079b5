import type { Column, Format, Location, Manifest, ManifestEntry } from '../contract';
import { PermanentError } from './errors';
import { formatS3Url, readText, writeText } from './s3';

export { partUrl } from './part-url';

/** The url of the manifest that {@link writeManifest} writes at a location. */
export function manifestUrl(location: Location): string {
  return formatS3Url(location.bucket, `${location.prefix}/manifest.json`);
}

/** The manifest of these entries, its totals summed. */
export function toManifest(entries: readonly ManifestEntry[], format: Format, columns: readonly Column[]): Manifest {
  const total = (of: (entry: ManifestEntry) => number) => entries.reduce((sum, entry) => sum + of(entry), 0);
  return {
    entries,
    meta: { content_length: total((entry) => entry.meta.content_length), record_count: total((entry) => entry.meta.record_count) },
    format,
    schema: { elements: columns },
  };
}

/** Writes `<prefix>/manifest.json`, the last thing a step writes, and answers its url. */
export async function writeManifest(location: Location, manifest: Manifest): Promise<string> {
  const url = manifestUrl(location);
  await writeText(url, JSON.stringify(manifest), 'application/json');
  return url;
}

/** Reads a manifest; an object that is not one is `CorruptInput`. */
export async function readManifest(url: string): Promise<Manifest> {
  const text = await readText(url);
  try {
    const manifest = JSON.parse(text) as Partial<Manifest>;
    if (Array.isArray(manifest.entries) && manifest.meta && manifest.format && manifest.schema) return manifest as Manifest;
  } catch {
    // what a JSON error quotes of the text may not reach a log
  }
  throw new PermanentError('CorruptInput', `'${url}' is not a manifest: it needs entries, meta, format and schema; run the step that wrote it again`);
}
