import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../lib/local/postgres';
import { deploy, type Sabotage } from './pipelines';
import { type Schedule, scheduleOf } from './plan';
import { Replica } from './replica';
import { type Bench, type Rule, runSchedule, type ScheduleResult } from './run-schedule';
import { TooSlow } from './source';

export interface WritersOptions {
  readonly seed: number;
  /** How many schedules, from the first; or the only one. */
  readonly schedules: number;
  readonly only?: number;
  /** Schedules at a time; those with the replica one after the other. */
  readonly jobs: number;
  /** Does it wrong. @default - right */
  readonly sabotage?: Sabotage;
  readonly onSchedule?: (planned: Schedule, result: ScheduleResult, done: number) => void;
}

/** What all schedules together gave. */
export type WritersReport = { schedules: number; onReplica: number; runs: number; commits: number; lateCommits: number; seed: number } & Record<
  Rule,
  number
>;

const TRIES = 3;

/** Lets writers write while runs go on, schedule by schedule, over one PostgreSQL and a replica of it. */
export async function writers(options: WritersOptions): Promise<WritersReport> {
  const { seed, schedules, only, jobs, sabotage, onSchedule } = options;
  const folder = mkdtempSync(join(tmpdir(), 'writers-'));
  const primary = await startPostgres({ dataDir: join(folder, 'postgres'), tls: true });
  let replica: Replica | undefined;
  const report: WritersReport = {
    ...{ schedules: 0, onReplica: 0, runs: 0, commits: 0, lateCommits: 0, seed },
    ...{ lost: 0, extra: 0, failed: 0, window: 0, bound: 0 },
  };
  try {
    replica = await Replica.follow(primary);
    const bench: Bench = { deployment: deploy(join(folder, 'cdk.out'), sabotage), primary, replica, folder };
    const all = only === undefined ? [...Array(schedules).keys()] : [only];
    const planned = all.map((index) => scheduleOf(seed, index));
    // the replica stalls for one schedule at a time
    const queues = [planned.filter(({ replica: reads }) => reads), planned.filter(({ replica: reads }) => !reads)];
    const work = async (worker: number) => {
      const next = () => (worker === 0 ? (queues[0]!.shift() ?? queues[1]!.shift()) : queues[1]!.shift());
      for (let schedule = next(); schedule; schedule = next()) {
        const result = await untilFastEnough(bench, schedule);
        add(report, schedule, result);
        onSchedule?.(schedule, result, report.schedules);
      }
    };
    await Promise.all([...Array(jobs).keys()].map(work));
    return report;
  } finally {
    await replica?.stop();
    await primary.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilFastEnough(bench: Bench, schedule: Schedule): Promise<ScheduleResult> {
  for (let tries = 1; ; tries++) {
    try {
      return await runSchedule(bench, schedule);
    } catch (error) {
      if (error instanceof TooSlow && tries < TRIES) continue;
      throw new Error(`schedule ${schedule.index} cannot be judged: ${(error as Error).message}`, { cause: error });
    }
  }
}

function add(report: WritersReport, { replica }: Schedule, { runs, commits, late, violations }: ScheduleResult): void {
  report.schedules += 1;
  report.onReplica += replica ? 1 : 0;
  report.runs += runs;
  report.commits += commits;
  report.lateCommits += late;
  for (const { rule, count } of violations) report[rule] += count;
}
