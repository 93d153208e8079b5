import { createReadStream } from 'node:fs';
import type { S3 } from '../../../engine';
import { notEmulated } from '../error';
import type { S3Folder } from './folder';
import { listObjects } from './list';

/** The objects of a folder, for the readers and result writers of Distributed Maps. */
export function engineS3(folder: S3Folder): S3 {
  return {
    getObject: async ({ Bucket, Key, VersionId }) => {
      if (VersionId !== undefined) throw notEmulated('versions of objects');
      // Closed by the stream, read to its end or not.
      return createReadStream('', { fd: folder.open(Bucket, Key).fd, start: 0 });
    },
    listObjects: async function* ({ Bucket, Prefix }) {
      let continuationToken: string | undefined;
      do {
        const page = listObjects(folder, { bucket: Bucket, prefix: Prefix, continuationToken });
        for (const Key of page.keys) {
          const { etag: Etag, lastModified, size: Size } = folder.head(Bucket, Key);
          yield { Etag, Key, LastModified: Math.floor(lastModified.getTime() / 1000), Size, StorageClass: 'STANDARD' };
        }
        continuationToken = page.nextContinuationToken;
      } while (continuationToken !== undefined);
    },
    putObject: async ({ Bucket, Key }, body) => {
      folder.bucket(Bucket);
      const staged = await folder.stage(body);
      const headers = { 'content-type': 'application/json' };
      folder.publish(Bucket, Key, staged, { etag: `"${staged.md5.toString('hex')}"`, headers });
    },
  };
}
