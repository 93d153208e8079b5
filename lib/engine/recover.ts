import type { Attempt } from './attempt';
import type { Catcher, RecoverableState } from './definition';
import { StateFailure, TaskError } from './errors';
import { matches, RetryCounter } from './retry';
import type { Step, Visit } from './visit';

/** Event that tells that a container failed. A failed task has told it by its own event. */
const FAILED_EVENTS: Partial<Record<RecoverableState['Type'], string>> = { Parallel: 'ParallelStateFailed', Map: 'MapStateFailed' };

/** Visits a Task, Parallel or Map: attempts it until it succeeds or its Retry gives up, then leaves it by its own fields or by a Catch. */
export async function recovering<S extends RecoverableState>(visit: Visit<S>, attempt: (visit: Visit<S>) => Promise<unknown>): Promise<Step> {
  const { state, frame } = visit;
  const { run } = frame;
  const retry = new RetryCounter(state.Retry ?? [], run.jitter);
  for (;;) {
    let failure: StateFailure;
    const trying = attemptOf(visit);
    try {
      const result = await (run.around === undefined ? attempt(visit) : run.around(trying, () => attempt(visit)));
      return await visit.leave(state, state.Next, result, { result });
    } catch (error) {
      failure = failureOf(error);
      trying.error = failure.error ?? '';
    }
    const delay = retry.next(failure);
    if (delay === undefined) return giveUp(visit, failure);
    await run.clock.sleep(delay, frame.signal);
    visit.retryCount += 1;
    run.transitions += 1;
  }
}

function attemptOf({ state, name, enteredEventId, retryCount, frame }: Visit<RecoverableState>): Attempt {
  const execution = frame.run.context.Execution.Id;
  return { execution, state: name, type: state.Type, entry: enteredEventId, attempt: retryCount, item: frame.item?.Index, signal: frame.signal };
}

/** What failed the attempt; an error that ends more than the attempt goes on its way. */
function failureOf(error: unknown): StateFailure {
  if (error instanceof TaskError) return new StateFailure(error.error, error.cause);
  if (error instanceof StateFailure) return error;
  throw error;
}

function giveUp(visit: Visit<RecoverableState>, failure: StateFailure): Promise<Step> {
  const { state, frame } = visit;
  const failed = FAILED_EVENTS[state.Type];
  if (failed !== undefined) frame.record(failed);
  const index = (state.Catch ?? []).findIndex((catcher) => matches(catcher.ErrorEquals, failure));
  const catcher: Catcher | undefined = state.Catch?.[index];
  if (catcher === undefined) {
    if (failed !== undefined) frame.open = undefined;
    throw failure;
  }
  const errorOutput = failure.output;
  return visit.leave(catcher, catcher.Next, errorOutput, { errorOutput }, `Catch[${index}]/`);
}
