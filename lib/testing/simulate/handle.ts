import { integrationOf } from '../../asl/steps';
import type { TaskHandler, TaskRequest } from '../../engine';
import type { Dataset } from '../../runtime/contract';
import { ownAnswer } from '../answers';
import { dataset as datasetShape } from '../answers/contract';
import type { World } from '../answers/world';
import type { Handler } from './options';

/** A task that nobody has an answer for. It ends the simulation: no run of the machine would be like it. */
export class MissingHandlerError extends Error {
  override readonly name = 'MissingHandlerError';
}

/** Answers tasks: by the user's handlers, by state, then by resource; the rest as the services behind the library's own steps do. */
export function handlerOf(handlers: Readonly<Record<string, Handler>>, world: World, missing: (error: Error) => void): TaskHandler {
  return async (request) => {
    const { state, resource, arguments: args } = request;
    const handler = userHandler(handlers, state, resource);
    if (handler) {
      const sleep = (seconds: number) => world.clock.sleep(seconds * 1000, request.signal);
      const result = await handler(args as Readonly<Record<string, unknown>>, { ...request, sleep });
      adopt(world, result);
      return result;
    }
    const answer = ownAnswer(world, request);
    if (answer !== undefined) return answer;
    const error = new MissingHandlerError(problem(request));
    missing(error);
    throw error;
  };
}

/** The user's handler of a state, if there is one. */
export function userHandler(handlers: Readonly<Record<string, Handler>>, state: string, resource: string): Handler | undefined {
  return handlers[state] ?? handlers[keyOf(resource)];
}

function keyOf(resource: string): string {
  return /^arn:[^:]+:lambda:/.test(resource) ? 'lambda' : integrationOf(resource);
}

function problem({ state, resource, arguments: args }: TaskRequest): string {
  const key = keyOf(resource);
  const sent = Object.keys((key === 'lambda:invoke' ? (args as { Payload?: object })?.Payload : (args as object)) ?? {}).join(', ') || 'nothing';
  return (
    `state '${state}' calls ${resource} with ${sent}, which is no call of a step of this library, so nothing knows the answer; ` +
    `give one: simulate(..., { handlers: { '${state}': (args) => ({ ... }) } }), or for every state that calls it { '${key}': ... }`
  );
}

/** A dataset that a function of the user's made is there for the steps behind it. */
function adopt(world: World, result: unknown): void {
  const { Payload } = (result ?? {}) as { Payload?: unknown };
  if (datasetShape(Payload, '').length === 0) world.adopt(Payload as Dataset);
}
