import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { App, Size, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Existing } from '../../examples/existing';
import { AlertPolicy, DataPipeline, LoadMode } from '../../lib';
import { VirtualClock } from '../../lib/engine';
import { readDeployment } from '../../lib/local/deployment';
import { type LocalEnvironment, openEnvironment } from '../../lib/local/environment';
import { Progress } from '../../lib/local/progress';
import { StatesClient } from '../../lib/local/states/client';
import type { RejectedRow } from '../../lib/runtime/contract';
import { type Bench, fiveSteps, rejectedRows, type TablePipeline } from '../local/support';
import { quoteName, ROW_NUMBER, type TableCase, tableSql } from './table';

export const SOURCE = 'cases.rows';
export const TARGET = 'analytics.loaded';

/** The ways a row can take; each is a pipeline of the five steps, or of four. */
export const WAYS = ['Parquet', 'JsonLines'] as const;
export type Way = (typeof WAYS)[number];
const PIPELINES: Readonly<Record<Way, TablePipeline>> = {
  Parquet: { extract: { table: SOURCE, partSize: Size.bytes(400) }, mode: LoadMode.upsert(ROW_NUMBER) },
  JsonLines: { extract: { table: SOURCE }, parquet: false, mode: LoadMode.replace() },
};

/** What a run left behind. */
export interface Loaded {
  readonly status: string;
  readonly cause?: string;
  readonly counts: Readonly<Record<string, number>>;
  /** Name and type by place; undefined when there was nothing to load. */
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  /** By row number: of each column, by place, the value `v0` and, where it is text, its bytes `b0`. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rejected: readonly RejectedRow[];
}

/** Running services on which table after table goes through whole state machines: their ASL, the bundled functions, the job, the warehouse. */
export class Lake {
  static async open(bench: Bench): Promise<Lake> {
    const out = mkdtempSync(join(bench.folder, 'lake-'));
    const app = new App({ outdir: join(out, 'cdk.out') });
    for (const way of WAYS) {
      const stack = new Stack(app, way);
      const topic = new Topic(stack, 'Team');
      const { source, warehouse } = new Existing(stack, 'Existing');
      const definition = fiveSteps({ stack, source, warehouse, topic }, PIPELINES[way]);
      new DataPipeline(stack, 'Pipeline', { definition, alerts: AlertPolicy.toTopic(topic) });
    }
    app.synth();
    const deployment = readDeployment(join(out, 'cdk.out'));
    const environment = await openEnvironment({ deployment, out, clock: new VirtualClock(Date.now()), source: bench.db });
    const client = await StatesClient.local(environment.url, environment.region);
    for (const machine of deployment.machines) await client.deploy(machine);
    const arns = Object.fromEntries(WAYS.map((way) => [way, deployment.machines.find(({ name }) => name.startsWith(way))!.arn]));
    return new Lake(bench, out, environment, client, arns as Record<Way, string>);
  }

  private runs = 0;

  private constructor(
    readonly bench: Bench,
    private readonly out: string,
    private readonly environment: LocalEnvironment,
    private readonly client: StatesClient,
    private readonly arns: Readonly<Record<Way, string>>,
  ) {}

  /** Makes the table in the source and runs the pipeline that loads it. */
  async load(table: TableCase, way: Way): Promise<Loaded> {
    const { client, environment } = this;
    await this.bench.sql(tableSql(table, SOURCE));
    await environment.warehouse.query(`DROP TABLE IF EXISTS ${TARGET}`);
    const execution = await client.start(this.arns[way], `run-${++this.runs}`, {});
    const progress = new Progress();
    await client.follow(execution, (event) => progress.see(event));
    const { status, cause, output } = await client.describe(execution);
    const [schema, name] = TARGET.split('.') as [string, string];
    const columns = await environment.warehouse.describeTable(schema, name);
    return {
      status,
      cause,
      counts: { ...progress.dataset?.counts, ...(output as { counts?: object } | undefined)?.counts },
      columns,
      rows: columns ? await environment.warehouse.query(rowsSql(columns)) : [],
      rejected: progress.dataset?.rejects ? await rejectedRows({ out: this.out, dataset: progress.dataset }) : [],
    };
  }

  async close(): Promise<void> {
    this.client.close();
    await this.environment.close();
  }
}

function rowsSql(columns: NonNullable<Loaded['columns']>): string {
  const values = columns.flatMap(({ name, type }, index) => [
    `${quoteName(name)} AS v${index}`,
    ...(type.startsWith('varchar') ? [`octet_length(${quoteName(name)}) AS b${index}`] : []),
  ]);
  return `SELECT ${values.join(', ')} FROM ${TARGET} ORDER BY ${ROW_NUMBER}`;
}
