import type { TaskState } from './definition';
import { ErrorName, HeartbeatTimeout, StateFailure, TaskError } from './errors';
import { checkPayload } from './limits';
import { linkedController, OVER, untilAborted } from './signals';
import type { TaskRequest } from './task';
import { TaskEvents } from './task-events';
import { parseResource } from './task-resource';
import type { Visit } from './visit';

/** What differs from task to task in what the handler is asked. */
type Asked = Pick<TaskRequest, 'arguments' | 'token' | 'submitted'>;

/** How long an attempt may take, and how long it may be silent. */
interface Limits {
  readonly timeout?: number;
  readonly heartbeat?: number;
}

/** One attempt of a Task: asks the handler, and tells the history what came of it. */
export async function callTask(visit: Visit<TaskState>): Promise<unknown> {
  const { state, frame, name } = visit;
  const resource = parseResource(state.Resource)!;
  const callback = resource.kind === 'service' && resource.pattern === 'callback';
  const waits = resource.kind === 'service' && resource.pattern !== 'request';
  const token = callback ? visit.issueToken() : undefined;
  const args = state.Arguments === undefined ? visit.input : await visit.evaluate(state.Arguments, 'Arguments');
  const credentials = state.Credentials === undefined ? undefined : await visit.evaluate(state.Credentials, 'Credentials');
  const timeout = await visit.integer(state.TimeoutSeconds, 'TimeoutSeconds', 1);
  const heartbeat = await visit.integer(state.HeartbeatSeconds, 'HeartbeatSeconds', 1);
  const json = JSON.stringify(args);
  checkPayload(json, `The state/task '${name}' was given arguments`);

  const events = new TaskEvents(frame, state.Resource, resource);
  events.scheduled({ json, credentials, timeout, heartbeat });
  try {
    // Only who holds a task token can send heartbeats.
    const limits = { timeout, heartbeat: callback ? heartbeat : undefined };
    const submitted = waits ? (answer?: unknown) => events.submitted(answer) : undefined;
    const result = await ask(visit, { arguments: args, token, submitted }, limits);
    const output = JSON.stringify(result ?? null);
    checkPayload(output, `The state/task '${state.Resource}' returned a result`);
    events.succeeded(output);
    return JSON.parse(output);
  } catch (error) {
    if (error instanceof StateFailure) events.failed(error);
    throw error;
  }
}

/** Waits for the handler, but no longer than the limits and the line of execution last; the handler's signal tells it so. */
async function ask(visit: Visit<TaskState>, asked: Asked, { timeout, heartbeat }: Limits): Promise<unknown> {
  const { state, frame, name, retryCount } = visit;
  const { clock, tasks } = frame.run;
  let beaten = clock.now();
  const work = (signal: AbortSignal) => {
    const request = {
      resource: state.Resource,
      ...asked,
      submitted: asked.submitted && ((answer?: unknown) => (signal.aborted ? undefined : asked.submitted!(answer))),
      state: name,
      attempt: retryCount,
      context: visit.context(),
      signal,
      heartbeat: () => {
        beaten = clock.now();
      },
    };
    return clock.inFlight(() =>
      untilAborted(
        answer(() => tasks(request)),
        signal,
      ),
    );
  };
  if (timeout === undefined && heartbeat === undefined) return work(frame.signal);

  const task = linkedController(frame.signal);
  const timers = new AbortController();
  const silence = async (ms: number) => {
    while (clock.now() - beaten < ms) await clock.sleep(beaten + ms - clock.now(), timers.signal);
  };
  const expire = (failure: StateFailure) => () => {
    throw failure;
  };
  const answers = [work(task.controller.signal)];
  if (timeout !== undefined) answers.push(clock.sleep(timeout * 1000, timers.signal).then(expire(new StateFailure(ErrorName.TIMEOUT))));
  if (heartbeat !== undefined) answers.push(silence(heartbeat * 1000).then(expire(new HeartbeatTimeout())));
  try {
    return await Promise.race(answers);
  } catch (error) {
    task.controller.abort(error);
    throw error;
  } finally {
    timers.abort(OVER);
    task.unlink();
  }
}

/** The handler's answer, with whatever it throws as the failure of the state. Like Lambda, an error that is no service error goes by its class. */
async function answer(handler: () => Promise<unknown>): Promise<unknown> {
  try {
    return await handler();
  } catch (error) {
    if (error instanceof TaskError) throw new StateFailure(error.error, error.cause, error.refusal);
    if (error instanceof Error) throw new StateFailure(error.name, error.message);
    throw new StateFailure('Error', String(error));
  }
}
