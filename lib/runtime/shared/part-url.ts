import type { Location } from '../contract';

/** The url of a part: `<prefix>/part-00000.<extension>`. */
export function partUrl({ bucket, prefix }: Location, index: number, extension: string): string {
  return `s3://${bucket}/${prefix}/part-${String(index).padStart(5, '0')}.${extension}`;
}
