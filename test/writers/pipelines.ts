import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { Existing } from '../../examples/existing';
import { AlertPolicy, DataPipeline, GlueParquet, Incremental, LambdaClean, LoadMode, RdsExtract, RedshiftDeletes, RedshiftLoad } from '../../lib';
import { type Deployment, readDeployment } from '../../lib/local/deployment';

/** How deletions reach the warehouse: the source's keys are compared, or the source marks rows. */
export type Deletes = 'keys' | 'tombstones';

/** Seconds: a change that is committed no later than their sum after the time in its column is covered, as the documentation says. */
export const BOUNDS: Readonly<Record<Deletes, { lag: number; overlap: number }>> = {
  keys: { lag: 2, overlap: 3 },
  tombstones: { lag: 3, overlap: 0 },
};

/** How many seconds late a commit may be. */
export function lateness(deletes: Deletes): number {
  return BOUNDS[deletes].lag + BOUNDS[deletes].overlap;
}

/** Longer than any transaction of the writers lasts. */
export const GRACE_SECONDS = 30;

/** What a wrong pipeline would do. Each must be found out. */
export type Sabotage =
  /** Windows end at the clock. */
  | 'lag'
  /** Windows do not reach back. */
  | 'overlap'
  /** The watermark moves before the load. */
  | 'commit'
  /** A window takes the row at its high end, too. */
  | 'high'
  /** A window ends at the clock of a replica, whatever that has replayed. */
  | 'replica'
  /** A window misses the row at its low end. */
  | 'low';

export const SABOTAGES: readonly Sabotage[] = ['lag', 'overlap', 'commit', 'high', 'low', 'replica'];

/** The state machines, and the columns of both tables: `items` of the source and of the warehouse. */
export function deploy(outdir: string, sabotage?: Sabotage): Deployment {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Writers');
  const existing = new Existing(stack, 'Existing');
  const alerts = AlertPolicy.toTopic(new Topic(stack, 'Team'));
  for (const deletes of ['keys', 'tombstones'] as const) {
    const scope = new Construct(stack, deletes);
    new DataPipeline(stack, machineOf(deletes), { definition: increments(scope, existing, deletes, sabotage), alerts });
  }
  const keys = new RdsExtract(stack, 'Keys', { source: existing.source, table: 'items', columns: ['id'] });
  const { warehouse } = existing;
  const compared = { table: 'items', key: ['id'], version: 'updated_at', grace: Duration.seconds(GRACE_SECONDS), maxShare: 0.9 };
  const deletes = new RedshiftDeletes(stack, 'Deletes', { warehouse, ...compared });
  new DataPipeline(stack, 'ComparesKeys', { definition: keys.next(new LambdaClean(stack, 'CleanKeys')).next(deletes), alerts });
  app.synth();
  if (sabotage === 'high') patchExtraction(outdir, "} < '${", "} <= '${");
  if (sabotage === 'low') patchExtraction(outdir, "} >= '${", "} > '${");
  if (sabotage === 'replica') patchExtraction(outdir, 'least(pg_catalog.clock_timestamp(), replayed)', 'pg_catalog.clock_timestamp()');
  return readDeployment(outdir);
}

/** The machine that loads increments. */
export function machineOf(deletes: Deletes): string {
  return deletes === 'keys' ? 'LoadsBesideKeys' : 'LoadsTombstones';
}

function increments(scope: Construct, { source, warehouse }: Existing, deletes: Deletes, sabotage?: Sabotage) {
  const { lag, overlap } = BOUNDS[deletes];
  const incremental = Incremental.by('updated_at', {
    lag: Duration.seconds(sabotage === 'lag' ? 0 : lag),
    overlap: Duration.seconds(sabotage === 'overlap' ? 0 : overlap),
  });
  const extract = new RdsExtract(scope, 'Extract', { source, table: 'items', incremental });
  const clean = new LambdaClean(scope, 'Clean');
  const upsert = LoadMode.upsert('id');
  const mode = deletes === 'keys' ? upsert : upsert.deleteWhere('deleted');
  const load = new RedshiftLoad(scope, 'Load', { warehouse, table: 'items', mode }).skipWhenEmpty();
  const cleaned = extract.next(clean);
  const ready = deletes === 'keys' ? cleaned : cleaned.next(new GlueParquet(scope, 'Parquet'));
  return sabotage === 'commit' ? ready.next(extract.commit()).next(load) : ready.next(load).next(extract.commit());
}

/** Changes the bundle that was synthesized, as a mistake in the handler would have. */
function patchExtraction(outdir: string, right: string, wrong: string): void {
  const bundles = readdirSync(outdir)
    .map((name) => join(outdir, name, 'index.js'))
    .filter((file) => existsSync(file) && readFileSync(file, 'utf8').split(right).length === 2);
  if (bundles.length !== 1) throw new Error(`${bundles.length} bundles say \`${right}\` once: the sabotage itself is wrong`);
  for (const file of bundles)
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(right, () => wrong),
    );
}
