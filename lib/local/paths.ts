import { join } from 'node:path';

/** Where the parts of a local run lie under its folder. */
export const paths = (out: string) => ({
  cdkOut: join(out, 'cdk.out'),
  warehouse: join(out, 'warehouse.duckdb'),
  history: join(out, 'history.json'),
  messages: join(out, 'sns.jsonl'),
  logs: join(out, 'logs'),
  jobs: join(out, 'jobs'),
});

/** The file of an `s3://bucket/key` in the folder of a local run. */
export function objectFile(out: string, url: string): string {
  return join(out, 's3', url.replace(/^s3:\/\//, ''));
}
