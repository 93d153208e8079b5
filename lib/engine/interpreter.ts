import { choose } from './choice';
import type { FailState, Program, State } from './definition';
import { distribute } from './distributed/distributed-map';
import { StateFailure } from './errors';
import type { Frame } from './frame';
import { iterate } from './map';
import { branchOut } from './parallel';
import { recovering } from './recover';
import type { Resumption } from './redrive';
import { callTask } from './task-state';
import { type Step, Visit } from './visit';
import { waitFor } from './wait';

/** Runs the states of a machine, branch or iteration from its start, or from where it was left, to its end, and returns the last output. */
export async function runProgram(program: Program, input: unknown, frame: Frame, from?: Resumption): Promise<unknown> {
  let step: Step = { output: input, next: program.StartAt };
  if (from !== undefined) step = await runState(new Visit(program.States[from.state]!, from.state, from.input, frame, from.enteredEventId));
  while (step.next !== undefined) {
    step = await runState(new Visit(program.States[step.next]!, step.next, step.output, frame));
  }
  return step.output;
}

function runState(visit: Visit): Promise<Step> {
  const { state, input } = visit;
  switch (state.Type) {
    case 'Pass':
      return visit.leave(state, state.Next, input);
    case 'Succeed':
      return visit.leave(state, undefined, input);
    case 'Fail':
      return fail(visit as Visit<FailState>);
    case 'Choice':
      return choose(as(visit, state));
    case 'Wait':
      return waitFor(as(visit, state));
    case 'Task':
      return recovering(as(visit, state), callTask);
    case 'Parallel':
      return recovering(as(visit, state), (each) => branchOut(each, runProgram));
    case 'Map':
      return recovering(as(visit, state), (each) =>
        state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED' ? distribute(each, runProgram) : iterate(each, runProgram),
      );
  }
}

/** The visit, known to be of a state of this type. */
function as<S extends State>(visit: Visit, _state: S): Visit<S> {
  return visit as Visit<S>;
}

async function fail(visit: Visit<FailState>): Promise<never> {
  const { Error: error, Cause: cause } = visit.state;
  throw new StateFailure(
    error === undefined ? undefined : ((await visit.evaluateAs('string', error, 'Error')) as string),
    cause === undefined ? undefined : ((await visit.evaluateAs('string', cause, 'Cause')) as string),
  );
}
