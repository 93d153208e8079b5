import { TaskError, type TaskRequest } from '../../engine';
import type { ConvertedDataset, ParquetArguments } from '../../runtime/contract';
import { parquetArguments, requireShape } from './contract';
import { entriesOf, type World } from './world';

/** Runs the library's Parquet job to its end; undefined if the arguments are for another job. A job that fails is a failed task, whose cause is the job run. */
export function runParquetJob(world: World, request: TaskRequest): unknown {
  const { JobName, Arguments: args } = (request.arguments ?? {}) as { JobName?: string; Arguments?: object };
  if (args === undefined || !Object.keys(args).some((name) => name === '--source_manifest' || name === '--output')) return undefined;
  const run = { Id: `jr_${world.objects.size + 1}`, JobName, Arguments: args, Attempt: 0 };
  try {
    convert(world, requireShape<ParquetArguments>(parquetArguments, args, 'Arguments'), request);
  } catch (error) {
    throw new TaskError('States.TaskFailed', JSON.stringify({ ...run, JobRunState: 'FAILED', ErrorMessage: (error as Error).message }));
  }
  return { ...run, JobRunState: 'SUCCEEDED' };
}

function convert(world: World, { '--source_manifest': source, '--output': output }: ParquetArguments, request: TaskRequest): void {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(output) ?? [];
  world.claim(request, `${bucket}/${prefix}`);
  const rows = world.read(source, 'jsonl').entries.reduce((sum, { meta }) => sum + meta.record_count, 0);
  const entries = entriesOf(output, Math.min(rows, 1), rows);
  const manifest = world.write({ bucket, prefix }, { entries, format: 'parquet' });
  const converted: ConvertedDataset = { manifest, format: 'parquet', recordCount: rows, parts: entries.length };
  world.objects.set(`${bucket}/${prefix}/dataset.json`, JSON.stringify(converted));
}

/** The small object that the job wrote for the machine to read; undefined if the key is not of one. */
export function getDatasetObject(world: World, { arguments: args }: TaskRequest): unknown {
  const { Bucket, Key } = (args ?? {}) as { Bucket?: string; Key?: string };
  if (!Key?.endsWith('/dataset.json')) return undefined;
  const body = world.objects.get(`${Bucket}/${Key}`);
  if (body === undefined) throw new TaskError('S3.NoSuchKeyException', 'The specified key does not exist.');
  return { Body: body, ContentLength: Buffer.byteLength(body), ContentType: 'application/json' };
}
