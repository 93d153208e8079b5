import type { PartAnswer, ResultFiles } from '../contract';
import { PermanentError } from '../shared/errors';
import { formatS3Url, readText } from '../shared/s3';

/** What a Distributed Map writes of its results. */
interface ResultManifest {
  readonly DestinationBucket: string;
  readonly ResultFiles: { readonly SUCCEEDED: readonly { readonly Key: string }[] };
}

/** The answers of parts: those that the state machine hands on, or those that a Distributed Map wrote to S3. */
export async function answersOf(parts: readonly PartAnswer[] | ResultFiles): Promise<readonly PartAnswer[]> {
  if (!('results' in parts)) return parts;
  const manifest = parsed(await readText(parts.results), parts.results) as ResultManifest;
  const answers: PartAnswer[] = [];
  for (const { Key } of manifest.ResultFiles.SUCCEEDED) {
    const url = formatS3Url(manifest.DestinationBucket, Key);
    for (const line of (await readText(url)).split('\n')) if (line !== '') answers.push(parsed(line, url) as PartAnswer);
  }
  return answers;
}

function parsed(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PermanentError('CorruptInput', `'${url}' is not what a Distributed Map writes; start the run again`);
  }
}
