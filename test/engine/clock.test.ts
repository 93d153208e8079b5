import { getEventListeners } from 'node:events';
import { type Clock, RealClock, VirtualClock } from '../../lib/engine';

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('VirtualClock', () => {
  test('jumps over a year of sleep in no time', async () => {
    const clock = new VirtualClock(0);
    const started = Date.now();
    await clock.sleep(365 * 24 * 3600 * 1000);
    expect(clock.now()).toBe(31_536_000_000);
    expect(Date.now() - started).toBeLessThan(1000);
  });

  test('wakes sleepers in order of time, then of arrival', async () => {
    const clock = new VirtualClock(0);
    const woken: string[] = [];
    const sleep = (name: string, ms: number) => clock.sleep(ms).then(() => woken.push(`${name}@${clock.now()}`));
    await Promise.all([sleep('a', 20), sleep('b', 10), sleep('c', 20), sleep('d', 0)]);
    expect(woken).toEqual(['d@0', 'b@10', 'a@20', 'c@20']);
  });

  test('stands still while work is in flight', async () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    const work = clock.inFlight(async () => {
      await later(20);
      seen.push(clock.now());
    });
    await Promise.all([work, clock.sleep(5).then(() => seen.push(clock.now()))]);
    expect(seen).toEqual([0, 5]);
  });

  test('goes on while the work in flight sleeps on it, and stands still again afterwards', async () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    const work = clock.inFlight(async () => {
      await clock.sleep(10);
      await later(20);
      seen.push(`work@${clock.now()}`);
    });
    await Promise.all([work, clock.sleep(15).then(() => seen.push(`sleep@${clock.now()}`))]);
    expect(seen).toEqual(['work@10', 'sleep@15']);
  });

  test('stands still for work inside sleeping work', async () => {
    const clock = new VirtualClock(0);
    let seen = -1;
    await clock.inFlight(() =>
      Promise.all([
        clock.inFlight(() => clock.sleep(10)),
        clock.inFlight(async () => {
          await later(20);
          seen = clock.now();
        }),
      ]),
    );
    expect(seen).toBe(0);
    expect(clock.now()).toBe(10);
  });

  test('is free again when work in flight fails', async () => {
    const clock = new VirtualClock(0);
    await expect(clock.inFlight(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await clock.sleep(7);
    expect(clock.now()).toBe(7);
  });

  test('a sleep ends early with the reason of its signal, and does not move the time', async () => {
    const clock = new VirtualClock(0);
    const controller = new AbortController();
    const sleep = clock.sleep(1000, controller.signal);
    controller.abort(new Error('stopped'));
    await expect(sleep).rejects.toThrow('stopped');
    await expect(clock.sleep(1000, controller.signal)).rejects.toThrow('stopped');
    await clock.sleep(1);
    expect(clock.now()).toBe(1);
  });

  test('work that is aborted in its sleep holds the clock again until it ends', async () => {
    const clock = new VirtualClock(0);
    const controller = new AbortController();
    let seen = -1;
    const work = clock.inFlight(async () => {
      await clock.sleep(1000, controller.signal).catch(() => {});
      await later(20);
      seen = clock.now();
    });
    controller.abort(new Error('stopped'));
    await Promise.all([work, clock.sleep(5)]);
    expect(seen).toBe(0);
  });

  test('work on one clock may sleep on another, and holds its own meanwhile', async () => {
    const [own, other] = [new VirtualClock(0), new VirtualClock(0)];
    const waiting = own.sleep(1000).then(() => order.push(`own at ${own.now()}`));
    const order: string[] = [];
    await own.inFlight(async () => {
      await other.sleep(5000);
      order.push(`work done at ${own.now()}`);
    });
    await waiting;
    expect(order).toEqual(['work done at 0', 'own at 1000']);
    expect(other.now()).toBe(5000);
  });
});

describe('VirtualClock with several sleeps of one work', () => {
  test('stands still for other work while one work sleeps twice at once', async () => {
    const clock = new VirtualClock(0);
    let seen = -1;
    const twice = clock.inFlight(() => Promise.all([clock.sleep(10), clock.sleep(20)]));
    const other = clock.inFlight(async () => {
      await later(20);
      seen = clock.now();
    });
    await Promise.all([twice, other]);
    expect([seen, clock.now()]).toEqual([0, 20]);
  });

  test('a sleep that its work does not wait for is not taken for later work', async () => {
    const clock = new VirtualClock(0);
    let left: Promise<void> | undefined;
    await clock.inFlight(async () => {
      left = clock.sleep(10);
    });
    let seen = -1;
    await clock.inFlight(async () => {
      await later(20);
      seen = clock.now();
    });
    await left;
    expect([seen, clock.now()]).toEqual([0, 10]);
  });

  test('work still sleeps on it after other work has ended', async () => {
    const clock = new VirtualClock(0);
    const long = clock.inFlight(async () => {
      await later(20);
      await clock.sleep(10);
    });
    await clock.inFlight(async () => {});
    await long;
    expect(clock.now()).toBe(10);
  });
});

test.each<[string, () => Clock]>([
  ['VirtualClock', () => new VirtualClock(0)],
  ['RealClock', () => new RealClock()],
])('a sleep on a %s leaves nothing behind on its signal, however it ends', async (_, clock) => {
  const controller = new AbortController();
  const listeners = () => getEventListeners(controller.signal, 'abort').length;
  await clock().sleep(1, controller.signal);
  expect(listeners()).toBe(0);
  const aborted = expect(clock().sleep(2 ** 40, controller.signal)).rejects.toThrow('stopped');
  expect(listeners()).toBe(1);
  controller.abort(new Error('stopped'));
  await aborted;
  expect(listeners()).toBe(0);
});

describe('RealClock', () => {
  test('runs work as it is, and does not begin a sleep that is aborted already', async () => {
    const clock = new RealClock();
    expect(await clock.inFlight(async () => 7)).toBe(7);
    await expect(clock.sleep(50, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });

  test('sleeps on when its timer ends before its time, and no longer', async () => {
    const times = [0, 0, 5, 5, 10, 99];
    const clock = new (class extends RealClock {
      override now() {
        return times.shift()!;
      }
    })();
    await clock.sleep(10);
    expect(times).toEqual([99]);
  });

  test('sleeps by the clock on the wall', async () => {
    const clock = new RealClock();
    const started = clock.now();
    await clock.sleep(15);
    expect(clock.now() - started).toBeGreaterThanOrEqual(15);
  });

  test('a sleep longer than a timer can be does not end at once, and can be aborted', async () => {
    const controller = new AbortController();
    const sleep = new RealClock().sleep(2 ** 40, controller.signal);
    await Promise.race([later(20).then(() => controller.abort(new Error('stopped'))), sleep.catch(() => {})]);
    await expect(sleep).rejects.toThrow('stopped');
  });
});
