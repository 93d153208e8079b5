import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Client } from 'pg';
import { Existing } from '../../examples/existing';
import {
  AlertPolicy,
  DataPipeline,
  GlueParquet,
  type GlueParquetProps,
  LambdaClean,
  type LambdaCleanProps,
  LoadMode,
  RdsExtract,
  type RdsExtractProps,
  RedshiftLoad,
  type RetryPolicy,
  SnsNotify,
} from '../../lib';
import { VirtualClock } from '../../lib/engine';
import { type Deployment, readDeployment } from '../../lib/local/deployment';
import { objectFile, paths } from '../../lib/local/paths';
import { clientConfig, type LocalPostgres, startPostgres } from '../../lib/local/postgres';
import { type LocalRun, type LocalRunOptions, runLocal } from '../../lib/local/run';
import { openWarehouse } from '../../lib/local/warehouse';
import type { Manifest, RejectedRow } from '../../lib/runtime/contract';

/** What a pipeline under test is made of. */
export interface Account {
  readonly stack: Stack;
  readonly source: Existing['source'];
  readonly warehouse: Existing['warehouse'];
  readonly topic: Topic;
}

/** A pipeline of the five steps over a table, each step's props open to change. */
export interface TablePipeline {
  readonly extract: Omit<RdsExtractProps, 'source'>;
  readonly clean?: LambdaCleanProps;
  /** `false` leaves the step out. */
  readonly parquet?: GlueParquetProps | false;
  /** @default analytics.loaded */
  readonly target?: string;
  /** @default LoadMode.replace() */
  readonly mode?: LoadMode;
  readonly retry?: RetryPolicy;
}

/** The synthesized app of a pipeline. */
export function synthesize(outdir: string, define: (account: Account) => IChainable, retry?: RetryPolicy): Deployment {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Test');
  const { source, warehouse } = new Existing(stack, 'Existing');
  const topic = new Topic(stack, 'Team');
  new DataPipeline(stack, 'Pipeline', { definition: define({ stack, source, warehouse, topic }), alerts: AlertPolicy.toTopic(topic), retry });
  app.synth();
  return readDeployment(outdir);
}

/** Chains the five steps. */
export function fiveSteps({ stack, source, warehouse, topic }: Account, props: TablePipeline): IChainable {
  const extract = new RdsExtract(stack, 'Extract', { source, ...props.extract });
  const cleaned = extract.next(new LambdaClean(stack, 'Clean', props.clean));
  const converted = props.parquet === false ? cleaned : cleaned.next(new GlueParquet(stack, 'Parquet', props.parquet));
  const load = new RedshiftLoad(stack, 'Load', { warehouse, table: props.target ?? 'analytics.loaded', mode: props.mode ?? LoadMode.replace() });
  const loaded = converted.next(load.skipWhenEmpty());
  const committed = props.extract.incremental ? loaded.next(extract.commit()) : loaded;
  return committed.next(new SnsNotify(stack, 'Notify', { topic }));
}

/** A run and the folder it left. */
export interface BenchRun extends LocalRun {
  readonly out: string;
}

/** A real PostgreSQL, and runs of pipelines over its tables. */
export class Bench {
  static async open(setup: string): Promise<Bench> {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const db = await startPostgres({ dataDir: join(folder, 'postgres'), tls: true });
    const client = new Client(clientConfig(db));
    await client.connect();
    const bench = new Bench(folder, db, client);
    await bench.sql(setup);
    return bench;
  }

  private constructor(
    readonly folder: string,
    readonly db: LocalPostgres,
    private readonly client: Client,
  ) {}

  async sql(text: string): Promise<Record<string, unknown>[]> {
    return (await this.client.query(text)).rows;
  }

  newFolder(): string {
    return mkdtempSync(join(this.folder, 'run-'));
  }

  /** Synthesizes and runs; every row must be accounted for, however the run ends. */
  async run(pipeline: TablePipeline, options: Partial<LocalRunOptions> = {}): Promise<BenchRun> {
    return this.runDefinition((account) => fiveSteps(account, pipeline), { retry: pipeline.retry, ...options });
  }

  async runDefinition(
    define: (account: Account) => IChainable,
    { retry, ...options }: Partial<LocalRunOptions> & { retry?: RetryPolicy } = {},
  ): Promise<BenchRun> {
    const out = options.out ?? this.newFolder();
    const deployment = synthesize(join(out, 'cdk.out'), define, retry);
    const run = await runLocal({ deployment, source: this.db, clock: new VirtualClock(Date.now()), ...options, out });
    expectAccounted(run);
    return { ...run, out };
  }

  async close(): Promise<void> {
    await this.client.end();
    await this.db.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** extracted = cleaned + rejected + deduplicated, cleaned = converted = loaded, as far as the run came. */
export function expectAccounted({ status, counts }: Pick<LocalRun, 'status' | 'counts'>): void {
  const { extracted, cleaned, rejected, deduplicated, converted, loaded } = counts;
  if (status === 'SUCCEEDED') expect([extracted, cleaned, rejected, deduplicated, loaded]).not.toContain(undefined);
  if (cleaned !== undefined) expect(cleaned + rejected! + deduplicated!).toBe(extracted);
  if (converted !== undefined) expect(converted).toBe(cleaned);
  if (loaded !== undefined) expect(loaded).toBe(cleaned);
}

/** What a failed run must be: told once, tried so often, with an error that says what to change. */
export function expectFailure(run: LocalRun, expected: { state: string; attempts: number; error: string; says: readonly string[] }): void {
  const { state, attempts, error, says } = expected;
  expect(run).toMatchObject({ status: 'FAILED', error, notifications: [] });
  expect(run.states.find(({ name }) => name === state)).toMatchObject({ attempts });
  expect(run.alerts).toHaveLength(1);
  const { subject, message } = run.alerts[0]!;
  expect(subject).toContain(`FAILED ${state}`);
  for (const part of [error, run.runId]) expect(message).toContain(part);
  // a Lambda function's error is JSON in the cause
  for (const text of [message, run.cause!]) for (const part of says) expect(text.replaceAll('\\"', '"')).toContain(part);
}

/** The rows of a table in the warehouse of a run, undefined if there is no such table. */
export async function loadedRows(out: string, table = 'analytics.loaded', orderBy = '1'): Promise<Record<string, unknown>[] | undefined> {
  const warehouse = await openWarehouse({ file: paths(out).warehouse, resolveS3: (url) => objectFile(out, url) });
  try {
    return await warehouse.query(`SELECT * FROM ${table} ORDER BY ${orderBy}`);
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined;
    throw error;
  } finally {
    await warehouse.close();
  }
}

/** The rejected rows of a run, in the order of the parts. */
export async function rejectedRows({ out, dataset }: Pick<BenchRun, 'out' | 'dataset'>): Promise<RejectedRow[]> {
  const file = objectFile(out, dataset!.rejects!);
  if (!existsSync(file)) return [];
  const rows: RejectedRow[] = [];
  for (const { url } of (JSON.parse(readFileSync(file, 'utf8')) as Manifest).entries) {
    const lines = createInterface({ input: createReadStream(objectFile(out, url)).pipe(createGunzip()) });
    for await (const line of lines) rows.push(JSON.parse(line) as RejectedRow);
  }
  return rows;
}
