import { setMaxListeners } from 'node:events';

/** Why timers are stopped that nobody needs any more. Without a reason each would make an error of its own. */
export const OVER = 'over';

/** An AbortController whose signal any number of lines may listen to. */
export function newController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** An AbortController that also aborts when `parent` does. `unlink` must be called once it is no longer needed. */
export function linkedController(parent: AbortSignal): { controller: AbortController; unlink: () => void } {
  const controller = newController();
  const abort = () => controller.abort(parent.reason);
  if (parent.aborted) abort();
  else parent.addEventListener('abort', abort, { once: true });
  return { controller, unlink: () => parent.removeEventListener('abort', abort) };
}

/** Waits for `work`, but no longer than until the signal aborts; then rejects with its reason. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Once nobody waits for the work any more, nobody handles its error either.
  work.catch(() => {});
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
