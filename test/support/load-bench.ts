import { Incremental, LambdaClean, RdsExtract, RedshiftLoad, type RedshiftLoadProps } from '../../lib';
import type { StateMachineAsl } from '../../lib/asl';
import { integrationOf } from '../../lib/asl/steps';
import { type Clock, type Execution, execute, type TaskHandler, VirtualClock } from '../../lib/engine';
import { holdClockForStatements } from '../../lib/local/statements';
import type { WarehouseOptions } from '../../lib/local/warehouse';
import type { Column, Dataset, Window } from '../../lib/runtime/contract';
import { aslOf } from '../../lib/testing';
import { testStack } from './app';
import { existing } from './existing';
import { pipelineOf } from './stacks';
import { TestWarehouse } from './warehouse';

export type BenchRow = Readonly<Record<string, string | null>>;

/** The columns of the rows that tests load, unless they say otherwise. */
export const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'integer', nullable: false },
  { name: 'value', type: 'varchar(20)', nullable: true },
  { name: 'updated_at', type: 'timestamp', nullable: false },
  { name: 'deleted', type: 'boolean', nullable: true },
];

/** The machine of a load alone, as a pipeline deploys it, that takes its dataset as input. */
export function loadMachine(props: Partial<RedshiftLoadProps> & Pick<RedshiftLoadProps, 'mode'>): StateMachineAsl {
  const stack = testStack();
  const { source, warehouse } = existing(stack);
  const extract = new RdsExtract(stack, 'Extract', { source, table: 'items', incremental: Incremental.by('updated_at') });
  const load = new RedshiftLoad(stack, 'Load', { warehouse, table: 'items', ...props });
  pipelineOf(stack, extract.next(new LambdaClean(stack, 'Clean')).next(load).next(extract.commit()));
  return alone(aslOf(stack), 'Load: Transaction');
}

/** A state of a machine, as the machine of its own that takes its dataset as input. */
export function alone({ States }: StateMachineAsl, state: string): StateMachineAsl {
  const { Catch: _alert, Next: _next, ...rest } = JSON.parse(JSON.stringify(States[state]).replaceAll('${AWS::Partition}', 'aws'));
  return {
    QueryLanguage: 'JSONata',
    StartAt: 'Dataset',
    States: { Dataset: { Type: 'Pass', Assign: { dataset: '{% $states.input %}' }, Next: state }, [state]: { ...rest, End: true } },
  } as StateMachineAsl;
}

/** How one run of a machine differs from the usual. */
export interface RunOptions {
  readonly clock?: Clock;
  readonly name?: string;
  /** Whether a virtual clock goes on while a statement runs. @default false */
  readonly unheld?: boolean;
  /** Puts something between the machine and the warehouse. */
  readonly around?: (tasks: TaskHandler) => TaskHandler;
}

/** A warehouse, and machines that load into it. */
export class LoadBench {
  private datasets = 0;
  private runs = 0;

  static async open(options: Pick<WarehouseOptions, 'clock' | 'failBatch'> = {}): Promise<LoadBench> {
    return new LoadBench(await TestWarehouse.open(options.clock, options.failBatch));
  }

  private constructor(readonly on: TestWarehouse) {}

  /** Writes the rows as a clean step would. */
  dataset(rows: readonly BenchRow[], more: { window?: Window | [low: string | null, high: string]; columns?: readonly Column[] } = {}): Dataset {
    const folder = `s3://work/${++this.datasets}`;
    this.on.putLines(`${folder}/part-00000.jsonl.gz`, rows);
    this.on.putManifest(`${folder}/manifest.json`, `${folder}/part-00000.jsonl.gz`);
    const { window, columns = COLUMNS } = more;
    return {
      name: 'items',
      manifest: `${folder}/manifest.json`,
      format: 'jsonl',
      recordCount: rows.length,
      parts: 1,
      columns,
      counts: { cleaned: rows.length },
      ...(window && { window: 'column' in window ? window : { column: 'updated_at', low: window[0], high: window[1] } }),
    };
  }

  /** Runs a machine over a dataset. */
  run(
    asl: StateMachineAsl,
    dataset: Dataset,
    { clock = new VirtualClock(Date.now()), name, unheld = false, around = (tasks) => tasks }: RunOptions = {},
  ): Promise<Execution> {
    const plain = this.on.warehouse.integrations();
    const integrations = unheld ? plain : holdClockForStatements(plain, clock);
    const tasks = around(({ resource, arguments: args, signal }) => integrations[integrationOf(resource)]!(args as Record<string, unknown>, signal));
    return execute(asl, { name: name ?? `run-${++this.runs}`, stateMachineName: 'Load', input: dataset, tasks, clock });
  }

  /** Runs a machine that must succeed. */
  async load(asl: StateMachineAsl, dataset: Dataset, options?: RunOptions): Promise<Execution> {
    const execution = await this.run(asl, dataset, options);
    if (execution.status !== 'SUCCEEDED') throw new Error(`${execution.status}: ${execution.error} ${execution.cause}`);
    return execution;
  }

  close(): Promise<void> {
    return this.on.close();
  }
}
