import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from '../../lib/local/deployment';
import { leftovers, openUploads, partialOutputs, readWarehouse, readWatermark, type Warehouse } from './folder';
import { type Interruption, isSurvived, type Order } from './interruption';
import type { Case } from './plan';
import type { Ended, Runner } from './runner';
import type { Rows, Source, Sources } from './source';

/** What a rule was broken by, and how often. */
export interface Violation {
  readonly rule: Rule;
  readonly count: number;
  readonly what: string;
}

export type Rule =
  /** Rows of the source that the warehouse has not, or not as they are. */
  | 'lost'
  /** Rows of the warehouse that the source has not, or more than one of a key. */
  | 'duplicated'
  /** Uploads, processes, statements, temporary files that outlive their run. */
  | 'orphans'
  /** The watermark is past rows that the warehouse has not. */
  | 'ahead'
  /** Output that can be seen and is not whole. */
  | 'partial'
  /** A run that should succeed does not: the next one, and one whose interruption the retries survive. */
  | 'failed';

export interface CaseResult {
  readonly interruptions: number;
  /** Uploads that a killed process left, which the lifecycle rule of the bucket aborts. */
  readonly uploadsLeft: number;
  readonly violations: readonly Violation[];
}

/** Where cases run. */
export interface Bench {
  readonly runner: Runner;
  readonly sources: Sources;
  /** The folder of the synthesized app. */
  readonly app: string;
  readonly deployment: Deployment;
  /** The bucket aborts what was not completed. */
  readonly abortsUploads: boolean;
  /** The folder after one run over the usual rows that went well. */
  readonly warm: string;
  readonly folder: string;
}

const PART_BYTES = { fresh: 120_000, warm: 40_000, wide: 64 * 1024 * 1024 } as const;

/** Runs one case in a folder and a database of its own. */
export async function runCase(bench: Bench, planned: Case): Promise<CaseResult> {
  const name = `case_${planned.index}`;
  const folder = join(bench.folder, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = await bench.sources.create(name, planned.shape);
  try {
    return await new RunningCase(bench, planned, source, folder).run();
  } finally {
    await bench.sources.drop(source);
    rmSync(folder, { recursive: true, force: true });
  }
}

class RunningCase {
  private readonly out: string;
  private readonly temporary: string;
  private readonly violations: Violation[] = [];
  private interruptions = 0;
  private wasKilled = false;

  constructor(
    private readonly bench: Bench,
    private readonly planned: Case,
    private readonly source: Source,
    folder: string,
  ) {
    this.out = join(folder, 'out');
    this.temporary = join(folder, 'tmp');
  }

  async run(): Promise<CaseResult> {
    const { warm, changes, interruption, again } = this.planned;
    if (warm) {
      cpSync(this.bench.warm, this.out, { recursive: true });
      await this.source.change(1);
    }
    let round = 2;
    for (const each of again ? [interruption, again] : [interruption]) {
      await this.interrupted(each, round);
      if (changes) await this.source.change(round);
      round += 1;
    }
    await this.goesOn();
    const uploadsLeft = this.wasKilled && this.bench.abortsUploads ? openUploads(this.out).length : 0;
    return { interruptions: this.interruptions, uploadsLeft, violations: this.violations };
  }

  /** A run that is interrupted may end in any way, but leaves nothing that is wrong. */
  private async interrupted(interruption: Interruption, round: number): Promise<void> {
    const before = await readWarehouse(this.out);
    const ended = await this.start(`interrupted-${round}`, interruption);
    this.wasKilled ||= ended.killed || interruption.kind === 'worker' || interruption.kind === 'database';
    if (ended.killed || ended.failure !== undefined || ended.told!.struck > 0) this.interruptions += 1;
    // A process that cannot write may end in any way; the others have to tell.
    if (ended.failure !== undefined && interruption.kind !== 'disk') this.found('failed', 1, ended.failure);

    const { status, error, cause } = ended.told ?? {};
    if (isSurvived(interruption) && ended.told && status !== 'SUCCEEDED') {
      this.found('failed', 1, `the interrupted run ends ${status} ${error}: ${cause?.slice(0, 600)}`);
    }

    const now = await this.source.expected();
    const warehouse = await readWarehouse(this.out);
    // The load is one transaction: all of it or nothing.
    if (difference(before.rows, warehouse.rows).length + difference(warehouse.rows, before.rows).length > 0) this.compare(now, warehouse);
    const watermark = await readWatermark(this.out, this.bench.deployment.tables);
    if (watermark !== null) {
      const missing = difference(await this.source.expected(watermark), warehouse.rows);
      this.found('ahead', missing.length, `the watermark ${watermark} is past rows that are not loaded: ${missing.slice(0, 3)}`);
    }
    await this.nothingPartial();
  }

  private async goesOn(): Promise<void> {
    const ended = await this.start('goes-on');
    const { status, error, cause } = ended.told ?? { status: 'no answer', cause: ended.failure };
    if (status !== 'SUCCEEDED') this.found('failed', 1, `the next run ends ${status} ${error ?? ''}: ${cause?.slice(0, 600)}`);
    this.compare(await this.source.expected(), await readWarehouse(this.out));
    await this.nothingPartial();
    const uploads = openUploads(this.out);
    if (!this.wasKilled || !this.bench.abortsUploads) this.found('orphans', uploads.length, `uploads nobody ends: ${uploads}`);
    const files = leftovers(this.out, this.temporary);
    this.found('orphans', files.length, `left behind: ${files}`);
  }

  private async start(runId: string, interruption?: Interruption): Promise<Ended> {
    const { shape, warm, seed } = this.planned;
    const partBytes = PART_BYTES[shape === 'wide' ? 'wide' : warm ? 'warm' : 'fresh'];
    const order: Order = { app: this.bench.app, out: this.out, runId, source: this.source.server, partBytes, seed, interruption };
    const ended = await this.bench.runner.run(order, this.temporary);
    this.found('orphans', ended.left, 'processes that outlive their run');
    this.found('orphans', await this.source.sessions(), 'sessions in the database that outlive their run');
    return ended;
  }

  private compare(expected: Rows, warehouse: Warehouse): void {
    const lost = difference(expected, warehouse.rows);
    this.found('lost', lost.length, `rows lost or wrong: ${lost.slice(0, 3)}`);
    const more = [...warehouse.rows.keys()].filter((key) => !expected.has(key));
    this.found(
      'duplicated',
      warehouse.duplicated + more.length,
      `rows too many, with keys of the source ${warehouse.duplicated}, without ${more.length}`,
    );
  }

  private async nothingPartial(): Promise<void> {
    const partial = await partialOutputs(this.out);
    this.found('partial', partial.length, partial.slice(0, 3).join('; '));
  }

  private found(rule: Rule, count: number, what: string): void {
    if (count > 0) this.violations.push({ rule, count, what });
  }
}

/** Keys of rows that are not, or not the same, among the others. */
function difference(rows: Rows, others: Rows): string[] {
  return [...rows].flatMap(([key, row]) => (others.get(key) === row ? [] : [key]));
}
