import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDeployment } from '../../lib/local/deployment';
import { startPostgres } from '../../lib/local/postgres';
import type { Measured } from './interruption';
import { type Case, caseOf } from './plan';
import { type Bench, type CaseResult, type Rule, runCase } from './run-case';
import { Runner } from './runner';
import { Sources } from './source';

export interface CrashOptions {
  /** The project's folder. */
  readonly root: string;
  /** The folder of the synthesized example. */
  readonly app: string;
  readonly seed: number;
  /** How many cases, from the first; or the only one. */
  readonly cases: number;
  readonly only?: number;
  /** Cases at a time. */
  readonly jobs: number;
  readonly onCase?: (planned: Case, result: CaseResult, done: number) => void;
}

/** What all cases together gave. */
export type CrashReport = { interruptions: number; byKind: Record<string, number>; uploadsLeftToLifecycle: number; seed: number } & Record<
  Rule,
  number
>;

/** Interrupts runs and lets the next one go on, case by case, over one PostgreSQL. */
export async function crash(options: CrashOptions): Promise<CrashReport> {
  const { root, app, seed, cases, only, jobs, onCase } = options;
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  const server = await startPostgres({ dataDir: join(folder, 'postgres'), tls: true });
  const runner = await Runner.open(root);
  const report: CrashReport = {
    ...{ interruptions: 0, lost: 0, duplicated: 0, orphans: 0, ahead: 0, partial: 0, failed: 0 },
    ...{ uploadsLeftToLifecycle: 0, seed, byKind: {} },
  };
  try {
    const sources = await Sources.open(server);
    const bench: Bench = {
      ...{ runner, sources, app, folder, warm: join(folder, 'warm') },
      deployment: readDeployment(app),
      abortsUploads: abortsUploads(app),
    };
    const measured = await undisturbed(bench);
    const queue = only === undefined ? [...Array(cases).keys()] : [only];
    let done = 0;
    const work = async () => {
      for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
        const planned = caseOf(seed, index, measured);
        const result = await runCase(bench, planned);
        add(report, planned, result);
        onCase?.(planned, result, ++done);
      }
    };
    await Promise.all([...Array(jobs)].map(work));
    return report;
  } finally {
    runner.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function add(report: CrashReport, { interruption }: Case, { interruptions, violations, uploadsLeft }: CaseResult): void {
  report.interruptions += interruptions;
  report.uploadsLeftToLifecycle += uploadsLeft;
  if (interruptions > 0) report.byKind[interruption.kind] = (report.byKind[interruption.kind] ?? 0) + 1;
  for (const { rule, count } of violations) report[rule] += count;
}

/** The run that others are measured by, and whose folder the warm cases start from. */
async function undisturbed({ runner, sources, app, warm, folder }: Bench): Promise<Measured> {
  mkdirSync(warm);
  const source = await sources.create('undisturbed', 'usual');
  try {
    const order = { app, out: warm, runId: 'undisturbed', source: source.server, partBytes: 120_000, seed: 1 };
    const { told, failure } = await runner.run(order, join(folder, 'tmp'));
    if (told?.status !== 'SUCCEEDED') throw new Error(`the run without an interruption ends ${told?.status}: ${failure ?? told?.cause}`);
    return told.measured;
  } finally {
    await sources.drop(source);
  }
}

/** Whether the template has the bucket abort uploads that nobody completes: after a kill nobody else can. */
function abortsUploads(app: string): boolean {
  const templates = readdirSync(app).filter((file) => file.endsWith('.template.json'));
  return templates.some((file) => readFileSync(join(app, file), 'utf8').includes('"AbortIncompleteMultipartUpload"'));
}
