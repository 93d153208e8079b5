import { AsyncLocalStorage } from 'node:async_hooks';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { type Sleeper, Sleepers } from './sleepers';

/** Where the engine takes time from. Waits, retries, timeouts and time stamps all go through it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms` milliseconds of this clock; rejects with the signal's reason once it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs real work. While it is under way and not itself sleeping on this clock, a virtual clock stands still. */
  inFlight<T>(work: () => Promise<T>): Promise<T>;
}

/** setTimeout fires at once for anything longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time of the machine this runs on. */
export class RealClock implements Clock {
  now(): number {
    return Date.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.now() + ms;
    do {
      await timer(Math.min(Math.max(until - this.now(), 0), LONGEST_TIMER_MS), signal);
    } while (this.now() < until);
  }

  inFlight<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }
}

function timer(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(handle);
      reject(signal!.reason);
    };
    const handle = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Work under way. It does not hold its clock while it, or work that it waits for, sleeps on the clock. */
interface Hold {
  readonly clock: VirtualClock;
  sleeping: number;
  readonly parent?: Hold;
}

/**
 * Which work a sleep belongs to. One store for all clocks, and off while no work is under way: each store that is on makes every promise
 * of the process dearer.
 */
const holds = new AsyncLocalStorage<Hold>();
let underWay = 0;

async function holding<T>(hold: Hold, work: () => Promise<T>): Promise<T> {
  underWay += 1;
  try {
    return await holds.run(hold, work);
  } finally {
    underWay -= 1;
    if (underWay === 0) holds.disable();
  }
}

/**
 * A clock that jumps to the next sleeper as soon as nothing is in flight, so that a year of waits takes milliseconds.
 * Sleepers wake one at a time, in order of time, then of arrival, so that a run is the same every time.
 */
export class VirtualClock implements Clock {
  private time: number;
  private busy = 0;
  private scheduled = false;
  private readonly sleepers = new Sleepers();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.time = startMs;
  }

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const hold = holds.getStore();
    this.release(hold);
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.sleepers.remove(sleeper);
        this.resume(hold);
        reject(signal!.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        this.resume(hold);
        resolve();
      };
      const sleeper: Sleeper = { until: this.time + Math.max(ms, 0), wake };
      signal?.addEventListener('abort', abort, { once: true });
      this.sleepers.add(sleeper);
      this.schedule();
    });
  }

  async inFlight<T>(work: () => Promise<T>): Promise<T> {
    const hold: Hold = { clock: this, sleeping: 0, parent: holds.getStore() };
    this.busy += 1;
    try {
      return await holding(hold, work);
    } finally {
      if (hold.sleeping === 0) this.busy -= 1;
      // Sleeps that outlive their work no longer have a hold to give back.
      hold.sleeping = Number.NaN;
      this.schedule();
    }
  }

  private release(hold: Hold | undefined): void {
    for (let each = hold; each !== undefined; each = each.parent) {
      if (each.clock !== this) continue;
      if (each.sleeping === 0) this.busy -= 1;
      each.sleeping += 1;
    }
  }

  private resume(hold: Hold | undefined): void {
    for (let each = hold; each !== undefined; each = each.parent) {
      if (each.clock !== this) continue;
      each.sleeping -= 1;
      if (each.sleeping === 0) this.busy += 1;
    }
  }

  /** A turn of the event loop later every promise that could settle has settled: what is left waits for time or for work in flight. */
  private schedule(): void {
    if (this.scheduled || this.busy > 0 || this.sleepers.first === undefined) return;
    this.scheduled = true;
    holds.exit(() => setImmediate(() => this.advance()));
  }

  private advance(): void {
    this.scheduled = false;
    if (this.busy > 0 || !Number.isFinite(this.sleepers.first?.until)) return;
    const sleeper = this.sleepers.shift();
    this.time = sleeper.until;
    sleeper.wake!();
    this.schedule();
  }
}
