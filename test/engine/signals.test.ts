import { getEventListeners } from 'node:events';
import { linkedController, untilAborted } from '../../lib/engine/signals';

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
const reason = new Error('stopped');

test('a linked controller aborts with its parent, also one that aborted before, and leaves nothing behind', () => {
  const parent = new AbortController();
  const { controller } = linkedController(parent.signal);
  parent.abort(reason);
  expect([controller.signal.reason, linkedController(parent.signal).controller.signal.reason]).toEqual([reason, reason]);
  expect(listeners(parent.signal)).toBe(0);
});

test('an unlinked controller hears no more of its parent', () => {
  const parent = new AbortController();
  const { controller, unlink } = linkedController(parent.signal);
  unlink();
  expect(listeners(parent.signal)).toBe(0);
  parent.abort(reason);
  expect(controller.signal.aborted).toBe(false);
});

test('work is waited for until its signal aborts, and nothing stays behind on the signal', async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(Promise.resolve(7), signal)).toBe(7);
  expect(listeners(signal)).toBe(0);
  const stopped = new AbortController();
  const work = untilAborted(new Promise(() => {}), stopped.signal);
  stopped.abort(reason);
  await expect(work).rejects.toBe(reason);
  expect(listeners(stopped.signal)).toBe(0);
  await expect(untilAborted(Promise.resolve(7), stopped.signal)).rejects.toBe(reason);
});
