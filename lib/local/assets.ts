import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../template/physical';

interface AssetManifest {
  readonly files?: Readonly<Record<string, FileAsset>>;
}

interface FileAsset {
  readonly source: { readonly path?: string };
  readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
}

/** Where the files of a cloud assembly lie, by the S3 object that a deployment would make of them: `bucket/key` to path. */
export type Assets = ReadonlyMap<string, string>;

/** Reads a stack's asset manifest (`<stack>.assets.json`). */
export function readAssets(directory: string, file: string, environment: Environment): Assets {
  const manifest = JSON.parse(readFileSync(join(directory, file), 'utf8')) as AssetManifest;
  const paths = new Map<string, string>();
  for (const { source, destinations } of Object.values(manifest.files ?? {})) {
    if (source.path === undefined) continue;
    for (const { bucketName, objectKey } of Object.values(destinations)) {
      paths.set(fillIn(`${bucketName}/${objectKey}`, environment), join(directory, source.path));
    }
  }
  return paths;
}

/** The placeholders that the command line fills in when it publishes assets. */
function fillIn(text: string, { account, region, partition }: Environment): string {
  return text.replaceAll('${AWS::AccountId}', account).replaceAll('${AWS::Region}', region).replaceAll('${AWS::Partition}', partition);
}
