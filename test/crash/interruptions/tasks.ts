import { setTimeout as sleep } from 'node:timers/promises';
import { TaskError, type TaskHandler, type TaskRequest } from '../../../lib/engine';
import type { Interruption, Order } from '../interruption';
import { changeSource } from '../source';
import type { Striking } from '.';

type Of<Kind> = Extract<Interruption, { kind: Kind }>;

/** The last state of a run waits for what shall end before it. */
const LAST = 'Notify: Publish';
const EXTRACT = 'Extract: Run';

/** What the machine hears when the process of a function ends, or a job run is stopped. */
const ended = () => new TaskError('Runtime.ExitError', 'Runtime exited with error: signal: killed');
const timedOut = () => new TaskError('States.Timeout', 'given up by the crash test');

export function killWorker({ state, ms, times }: Of<'worker'>): Striking {
  let struck = 0;
  return {
    struck: () => struck,
    tasks: (tasks) => async (request) => {
      if (request.state !== state || struck === times) return tasks(request);
      struck += 1;
      const killed = new AbortController();
      const work = tasks({ ...request, signal: AbortSignal.any([request.signal, killed.signal]) });
      work.catch(() => {});
      await Promise.race([work, sleep(ms)]).catch(() => {});
      killed.abort();
      await work.catch(() => {});
      throw ended();
    },
  };
}

export function loseAnswer({ state, times }: Of<'lostAnswer'>): Striking {
  let struck = 0;
  return {
    struck: () => struck,
    tasks: (tasks) => async (request) => {
      const result = await tasks(request);
      if (request.state !== state || struck === times) return result;
      struck += 1;
      throw timedOut();
    },
  };
}

/**
 * The first attempt is given up when it begins to write, or is on its way to a service; the source changes before the next. What it writes is held back until
 * another attempt has succeeded, and is through before the run ends.
 */
export function makeZombie({ state, ms }: Of<'zombie'>, source: Order['source']): Striking {
  let zombie: Promise<unknown> | undefined;
  let gaveUp = false;
  const writing = signal();
  const released = signal();
  let own: RegExp | undefined;
  return {
    struck: () => (zombie ? 1 : 0),
    tasks: (tasks) => async (request) => {
      if (request.state === LAST && zombie && state !== LAST) {
        released.give();
        await zombie;
      }
      if (request.state !== state) return tasks(request);
      if (!zombie) {
        own = objectsOf(request);
        zombie = goOn(tasks, request, released.given);
        await Promise.race([zombie, request.resource.includes('lambda:invoke') ? writing.given : sleep(ms)]);
        // What changes after the extraction is for the next run.
        if (state === EXTRACT) await changeSource(source, AFTER_ZOMBIE);
        gaveUp = true;
        throw timedOut();
      }
      const result = await tasks(request);
      released.give();
      return result;
    },
    service: (name, service) => async (message, response) => {
      const writes = message.method === 'PUT' || message.method === 'POST';
      if (name === 's3' && writes && !gaveUp && own?.test(decodeURIComponent(message.url!))) {
        writing.give();
        await released.given;
      }
      return service(message, response);
    },
  };
}

/** A round of changes that no case makes. */
const AFTER_ZOMBIE = 9;

function signal(): { readonly given: Promise<void>; give(): void } {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}

/** Functions begin at once and run on; a call to a service is on its way until it is released. */
async function goOn(tasks: TaskHandler, request: TaskRequest, released: Promise<void>): Promise<void> {
  const endless = { ...request, signal: new AbortController().signal };
  try {
    if (!request.resource.includes('lambda:invoke')) await released;
    await tasks(endless);
  } catch {
    // What becomes of it is nobody's business any more.
  }
}

/** The objects that a task writes. */
function objectsOf({ state, arguments: args }: TaskRequest): RegExp {
  const [step] = state.split(':');
  const index = (args as { Payload?: { index?: number } }).Payload?.index;
  return new RegExp(`/${step}/\\d+/${index === undefined ? '' : `part-0*${index}\\.`}`);
}
