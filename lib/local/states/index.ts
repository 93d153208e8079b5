import { type Clock, type HistoryEvent, RealClock, type S3, type TaskHandler } from '../../engine';
import type { Service } from '../aws/http';
import { checkDefinition, type Refusals } from './definition';
import { executionOperations } from './executions';
import { Executor, type StatusListener } from './executor';
import { Machines } from './machines';
import { ARN, type Operation, operation, STOP_REASON } from './operation';
import { statesService } from './service';
import { openStore } from './store';
import { Tokens } from './tokens';

export type { Refusals } from './definition';
export type { StatusListener } from './executor';
export type { ExecutionRecord, MachineRecord } from './store';

/** What a local Step Functions starts from. */
export interface LocalStatesOptions {
  /** State machines, executions and their histories stay in `<root>/states`. One process at a time. */
  readonly root: string;
  /** Does the work of tasks. Of a task with `.waitForTaskToken` it gets the part without that suffix, and only hands out the token. */
  readonly tasks: TaskHandler;
  /** Where Distributed Maps read items and write results. @default - such a definition is refused */
  readonly s3?: S3;
  /** @default RealClock */
  readonly clock?: Clock;
  /** Where jitter comes from. @default Math.random */
  readonly random?: () => number;
  /** What a definition asks for and `tasks` cannot do; such a definition is refused when it is sent. @default - nothing is refused */
  readonly refusals?: Refusals;
  /** Sees each event of a history once it is written down. */
  readonly onEvent?: (event: HistoryEvent) => void;
  readonly onStatusChange?: StatusListener;
  /** @default us-east-1 */
  readonly region?: string;
  /** @default 000000000000 */
  readonly account?: string;
}

/** A local Step Functions. */
export interface LocalStates {
  /** Answers requests; to be mounted where clients send them. */
  readonly service: Service;
  /** An execution as DescribeExecution answers it. Throws an error with the service's code. */
  describeExecution(arn: string): Promise<object>;
  /** Resolves once nothing runs and every change of status has been told; rejects if telling it, or writing it down, failed. */
  idle(): Promise<void>;
  /** Stops what runs. */
  close(): Promise<void>;
}

/** Starts Step Functions on a folder: its API in front of the engine. Machines and executions of an earlier process are there again. */
export function startStates(options: LocalStatesOptions): LocalStates {
  const {
    root,
    tasks,
    s3,
    clock = new RealClock(),
    random = Math.random,
    refusals = () => [],
    onEvent = () => {},
    onStatusChange = () => {},
  } = options;
  const place = { region: options.region ?? 'us-east-1', account: options.account ?? '000000000000' };
  const store = openStore(root);
  const tokens = new Tokens(clock);
  const executor = new Executor({ ...place, store, tasks: tokens.waitingFor(tasks), s3, clock, random, onEvent, onStatusChange });
  const machines = new Machines(place, store, clock, (definition) => checkDefinition(definition, refusals, s3), executor);
  const operations = { ...machines.operations(), ...executionOperations(machines, executor, store), ...taskOperations(tokens) };
  return {
    service: statesService(operations, root),
    describeExecution: (arn) => operations.DescribeExecution!(JSON.stringify({ executionArn: arn })),
    idle: () => executor.idle(),
    close: () => executor.stopAll(undefined, 'Local.EndpointClosed', 'the local endpoint was closed'),
  };
}

function taskOperations(tokens: Tokens): Record<string, Operation> {
  const taskToken = { ...ARN, max: 2048 } as const;
  const output = { type: 'string', required: true, max: 262_144, data: true } as const;
  const done = (act: () => void): object => {
    act();
    return {};
  };
  return {
    SendTaskSuccess: operation('SendTaskSuccess', { taskToken, output }, (input) => done(() => tokens.succeed(input.taskToken, input.output))),
    SendTaskFailure: operation('SendTaskFailure', { taskToken, ...STOP_REASON }, (input) =>
      done(() => tokens.fail(input.taskToken, input.error, input.cause)),
    ),
    SendTaskHeartbeat: operation('SendTaskHeartbeat', { taskToken }, (input) => done(() => tokens.heartbeat(input.taskToken))),
  };
}
