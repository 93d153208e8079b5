import { mainTasks } from '../asl/steps';
import { TaskError, type TaskHandler, type TaskRequest } from '../engine';

/** A step's main task fails `times` times with `error` instead of calling its service. */
export interface Fault {
  readonly step: string;
  readonly times: number;
  readonly error: string;
}

/** Reads `STEP[:TIMES[:ERROR]]`. */
export function parseFault(text: string): Fault {
  const [, step, times = '1', error = 'Injected.Fault'] = /^([^:]+)(?::(\d+)(?::(.+))?)?$/.exec(text) ?? [];
  if (step === undefined || Number(times) < 1) {
    throw new Error(
      `fault '${text}' is not of the form STEP[:TIMES[:ERROR]] with TIMES at least 1; write for example Load:2 or Load:1:States.Timeout`,
    );
  }
  return { step, times: Number(times), error };
}

/** Throws when a fault names a step that the state machine does not have. */
export function checkFaults(faults: readonly Fault[], definition: object): void {
  for (const fault of faults) mainTaskOf(fault, definition);
}

/**
 * Puts faults between a state machine and its services. A task inside a Map fails for the item that comes first, so that
 * three failures are three tries of one item, whatever runs beside it.
 */
export function injectFaults(handler: TaskHandler, faults: readonly Fault[], definition: object): TaskHandler {
  const planned = faults.map((fault) => new PlannedFault(fault, mainTaskOf(fault, definition)));
  return async (request) => {
    planned.find((fault) => fault.takes(request))?.strike();
    return handler(request);
  };
}

function mainTaskOf({ step }: Fault, definition: object): string {
  const tasks = mainTasks(definition);
  const state = tasks.get(step);
  if (state === undefined) throw new Error(`no step '${step}' to fail, the state machine has: ${[...tasks.keys()].join(', ')}`);
  return state;
}

class PlannedFault {
  private struck = 0;
  private item?: string;

  constructor(
    private readonly fault: Fault,
    private readonly state: string,
  ) {}

  takes(request: TaskRequest): boolean {
    if (request.state !== this.state || this.struck === this.fault.times) return false;
    const item = JSON.stringify((request.context.Map as { Item?: { Index?: number } } | undefined)?.Item?.Index ?? null);
    this.item ??= item;
    return this.item === item;
  }

  strike(): never {
    this.struck += 1;
    throw new TaskError(this.fault.error, `injected fault ${this.struck} of ${this.fault.times} in ${this.state}`);
  }
}
