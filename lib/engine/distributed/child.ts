import type { MapState } from '../definition';
import type { Run } from '../frame';
import { uuid } from '../functions';
import { History, type HistoryEvent } from '../history';
import type { RunProgram } from '../parallel';
import { type Outcome, runMachine } from '../run-machine';
import type { MapRunNames } from './map-run-names';

/** One child execution of a Distributed Map, once it has ended. */
export interface ChildExecution extends Outcome {
  readonly executionArn: string;
  readonly name: string;
  readonly mapRunArn: string;
  /** Name of the Map. */
  readonly map: string;
  /** Place among the child executions of its Map Run. */
  readonly index: number;
  /** The input as JSON text. */
  readonly input: string;
  /** How many items it was given. */
  readonly items: number;
  /** Empty unless `ExecuteOptions.onChild` is there to see it. */
  readonly history: readonly HistoryEvent[];
  /** Epoch milliseconds. */
  readonly startDate: number;
  readonly stopDate: number;
}

/** What a child execution is started with. */
export interface ChildInput {
  readonly index: number;
  /** JSON text. */
  readonly input: string;
  readonly items: number;
}

/** Quota of the service. A standard execution lives a year, and its parent never longer. */
const LONGEST_EXPRESS_SECONDS = 300;

/** Runs the item processor as an execution of its own: with its own history and context, and no variables but its own. */
export async function runChild(
  { ItemProcessor }: MapState,
  names: MapRunNames,
  child: ChildInput,
  parent: Run,
  stop: AbortController,
  runProgram: RunProgram,
): Promise<ChildExecution> {
  const now = () => parent.clock.now();
  const startDate = now();
  const name = uuid(parent.random);
  const executionArn = parent.arn('execution', `${names.machine}:${name}`);
  const run: Run = {
    ...parent,
    history: new History(now, undefined, parent.onChild !== undefined),
    context: {
      Execution: {
        Id: executionArn,
        Input: JSON.parse(child.input),
        Name: name,
        RoleArn: parent.context.Execution.RoleArn,
        StartTime: new Date(startDate).toISOString(),
        RedriveCount: 0,
      },
      StateMachine: { Id: parent.arn('stateMachine', names.machine), Name: names.machine },
    },
    variables: { bytes: 0 },
    transitions: 0,
  };
  const express = ItemProcessor.ProcessorConfig?.ExecutionType === 'EXPRESS';
  const outcome = await runMachine(ItemProcessor, child.input, run, { seconds: express ? LONGEST_EXPRESS_SECONDS : undefined, stop }, runProgram);
  // Express executions are billed by request and duration.
  if (!express) parent.transitions += run.transitions;
  const { mapRunArn, map } = names;
  const ended = { ...child, ...outcome, executionArn, name, mapRunArn, map, history: run.history.events, startDate, stopDate: now() };
  parent.onChild?.(ended);
  return ended;
}
