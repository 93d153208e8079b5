import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TaskError, type TaskHandler, VirtualClock } from '../../lib/engine';
import type { Deployment } from '../../lib/local/deployment';
import { paths } from '../../lib/local/paths';
import type { LocalPostgres } from '../../lib/local/postgres';
import { type LocalRun, runLocal } from '../../lib/local/run';
import type { Dataset } from '../../lib/runtime/contract';
import { BOUNDS, GRACE_SECONDS, lateness, machineOf } from './pipelines';
import type { Moment, Round, Schedule } from './plan';
import type { Replica } from './replica';
import { type Rows, Source } from './source';

/** What was wrong, and with how many rows or runs. */
export interface Violation {
  readonly rule: Rule;
  readonly count: number;
  readonly what: string;
}

export type Rule =
  /** Rows of the source that the warehouse has not, or not as they are. */
  | 'lost'
  /** Rows of the warehouse that the source has not, or more than one of a key. */
  | 'extra'
  /** A run that should succeed does not, or the other way round. */
  | 'failed'
  /** A replay extracts other rows than those of its window. */
  | 'window'
  /** What the documentation says is not covered, is; or what it says mends it, does not. */
  | 'bound';

export interface ScheduleResult {
  readonly runs: number;
  /** Transactions of writers, and those that were committed after the watermark had passed their time. */
  readonly commits: number;
  readonly late: number;
  readonly violations: readonly Violation[];
}

/** Where schedules run. */
export interface Bench {
  readonly deployment: Deployment;
  readonly primary: LocalPostgres;
  readonly replica: Replica;
  readonly folder: string;
}

/** Runs to catch up with the writers, after their end. */
const MOST_CATCHING_UP = 6;

/** Runs one schedule, in a folder and a database of its own. */
export async function runSchedule(bench: Bench, schedule: Schedule): Promise<ScheduleResult> {
  const name = `schedule_${schedule.index}`;
  const folder = join(bench.folder, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = await Source.create(bench.primary, name, schedule.deletes);
  try {
    return await new RunningSchedule(bench, schedule, source, folder).run();
  } finally {
    await bench.replica.resume();
    await source.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

class RunningSchedule {
  private readonly violations: Violation[] = [];
  private runs = 0;
  private interrupted?: LocalRun;

  constructor(
    private readonly bench: Bench,
    private readonly schedule: Schedule,
    private readonly source: Source,
    private readonly folder: string,
  ) {}

  async run(): Promise<ScheduleResult> {
    if (this.schedule.replica) await this.replicaFollows();
    for (const round of this.schedule.rounds) await this.round(round);
    await this.catchUp(await this.source.end());
    if (!this.schedule.replica) await this.beyond();
    await this.compareKeys(GRACE_SECONDS + 60);
    await this.compare('at the end');
    const { all, late } = this.source.commits;
    return { runs: this.runs, commits: all, late, violations: this.violations };
  }

  private async round(round: Round): Promise<void> {
    if (round.stalls) await this.bench.replica.pause();
    await this.source.moment(round.changes.before);
    if (round.stalls) await this.source.passes(lateness(this.schedule.deletes));
    await this.start(round);
    if (round.stalls) await this.bench.replica.resume();
  }

  private async start(round: Round): Promise<void> {
    switch (round.run) {
      case 'increment':
        return await this.increment(round);
      case 'interrupted':
        this.interrupted = await this.local(machineOf(this.schedule.deletes), { round, fails: true });
        return this.must(this.interrupted.status === 'FAILED', 'an interrupted run', this.interrupted);
      case 'resumed':
        return await this.resume(round);
      case 'replay':
        return await this.replay();
      case 'deletes':
        return await this.compareKeys(0, round);
    }
  }

  private async increment(round?: Round): Promise<void> {
    const run = await this.local(machineOf(this.schedule.deletes), { round });
    this.must(run.status === 'SUCCEEDED', 'an increment', run);
    this.moved(run);
  }

  /** A run that was interrupted before it had extracted anything cannot be resumed, and the next one is a new one. */
  private async resume(round: Round): Promise<void> {
    if (!this.interrupted?.dataset) return await this.increment(round);
    const run = await this.local(machineOf(this.schedule.deletes), { round, input: { resume: this.interrupted.runId } });
    this.must(run.status === 'SUCCEEDED', 'a resumed run', run);
    this.moved(run);
  }

  private async replay(): Promise<void> {
    const window = await this.source.replayable(this.schedule.seed % 20);
    if (!window) return;
    const { low, high, rows } = window;
    const run = await this.local(machineOf(this.schedule.deletes), { input: { window: { low, high } } });
    this.must(run.status === 'SUCCEEDED', 'a replay', run);
    const { extracted } = run.counts;
    if (!this.schedule.replica && extracted !== rows)
      this.found('window', 1, `the replay of [${low}, ${high}) extracts ${extracted} rows, not ${rows}`);
  }

  private async compareKeys(secondsLater: number, round?: Round): Promise<void> {
    if (this.schedule.deletes !== 'keys') return;
    const run = await this.local('ComparesKeys', { round, secondsLater });
    this.must(run.status === 'SUCCEEDED', 'a run that compares keys', run);
  }

  /** Increments until the window ends after the writers. */
  private async catchUp(end: string): Promise<void> {
    for (let runs = 0; runs < MOST_CATCHING_UP && !(this.source.watermark! > end); runs++) {
      await this.source.passes(runs === 0 ? BOUNDS[this.schedule.deletes].lag + 0.2 : 0.5);
      if (this.schedule.replica) await this.replicaFollows();
      await this.increment();
    }
    if (!(this.source.watermark! > end)) this.found('failed', 1, `the watermark is ${this.source.watermark} long after the writers' end at ${end}`);
  }

  /** One microsecond later than lag and overlap cover is not covered; a replay takes it. */
  private async beyond(): Promise<void> {
    const time = await this.source.writeBeyond();
    await this.catchUp(await this.source.end());
    const [before] = await readWarehouse(this.folder);
    if ([...before.values()].some((row) => row.startsWith('beyond'))) this.found('bound', 1, `a row of ${time} is loaded, later than the bound`);
    const run = await this.local(machineOf(this.schedule.deletes), { input: { window: { low: time, high: this.source.watermark } } });
    this.must(run.status === 'SUCCEEDED', 'the replay of a late commit', run);
    const [after] = await readWarehouse(this.folder);
    if (![...after.values()].some((row) => row.startsWith('beyond')))
      this.found('bound', 1, `a row of ${time} is not loaded by a replay of its window`);
  }

  private async compare(when: string): Promise<void> {
    const expected = await this.source.expected();
    const [rows, duplicated] = await readWarehouse(this.folder);
    const lost = [...expected].filter(([id, row]) => rows.get(id) !== row).map(([id, row]) => `${id} is ${rows.get(id) ?? 'missing'}, not ${row}`);
    const extra = [...rows].filter(([id]) => !expected.has(id)).map(([id, row]) => `${id} ${row}`);
    if (lost.length > 0) this.found('lost', lost.length, `${when}: ${lost.slice(0, 3).join('; ')}`);
    if (extra.length + duplicated > 0)
      this.found('extra', extra.length + duplicated, `${when}: ${extra.slice(0, 3).join('; ')}, of a key twice ${duplicated}`);
  }

  private async replicaFollows(): Promise<void> {
    await this.bench.replica.follows(await this.source.position());
  }

  private async local(
    machine: string,
    { round, fails = false, input, secondsLater = 0 }: { round?: Round; fails?: boolean; input?: unknown; secondsLater?: number },
  ): Promise<LocalRun> {
    const { deployment, replica, primary } = this.bench;
    const { host, port } = this.schedule.replica ? replica : primary;
    this.runs += 1;
    return await runLocal({
      ...{ deployment: { ...deployment, machines: deployment.machines.filter(({ logicalId }) => logicalId.startsWith(machine)) }, input },
      ...{ out: this.folder, runId: `run-${this.runs}`, source: { ...this.source.server, host, port } },
      clock: new VirtualClock(Date.now() + secondsLater * 1000),
      interference: { tasks: (tasks) => this.around(tasks, round, fails ? failingState(round!, this.schedule) : undefined) },
    });
  }

  /** Lets writers write at the moments of a round, and the state fail whose turn it is. */
  private around(tasks: TaskHandler, round: Round | undefined, failing: string | undefined): TaskHandler {
    const write = async (moment: Moment) => await this.source.moment(round?.changes[moment] ?? []);
    return async (request) => {
      if (request.state === failing) throw new TaskError('Injected.Fault', `injected fault in ${failing}`);
      if (round === undefined || !/^(Extract|Keys): Run$/.test(request.state)) return await tasks(request);
      await write('locked');
      const [answer] = await Promise.all([tasks(request), write('reading')]);
      this.source.extracted = (answer as { Payload: Dataset }).Payload.window?.high ?? this.source.extracted;
      await write('extracted');
      return answer;
    };
  }

  private moved({ dataset }: LocalRun): void {
    const window = dataset?.window;
    if (window && !window.replay) this.source.watermark = window.high;
  }

  private must(holds: boolean, what: string, { status, error, cause }: LocalRun): void {
    if (!holds) this.found('failed', 1, `${what} ends ${status} ${error ?? ''}: ${cause?.slice(0, 600)}`);
  }

  private found(rule: Rule, count: number, what: string): void {
    this.violations.push({ rule, count, what });
  }
}

function failingState({ at }: Round, { deletes }: Schedule): string {
  const states = [
    'Extract: Run',
    'Clean: Finish',
    ...(deletes === 'tombstones' ? ['Parquet: Convert'] : []),
    'Load: Submit',
    'Load: Describe',
    'Extract: Commit',
  ];
  return states[Math.floor(at * states.length)]!;
}

const LOADED = `
  SELECT id::VARCHAR, concat_ws('|', value, strftime(updated_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')) FROM public.items WHERE NOT deleted`;

/** The rows of the warehouse of a folder that no process uses, and how many there are of one key too many; read with DuckDB itself. */
async function readWarehouse(out: string): Promise<[Rows, number]> {
  const file = paths(out).warehouse;
  if (!existsSync(file)) return [new Map(), 0];
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const database = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await database.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const found = (await connection.runAndReadAll(LOADED)).getRowsJson() as [string, string][];
    const rows = new Map(found);
    return [rows, found.length - rows.size];
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}
