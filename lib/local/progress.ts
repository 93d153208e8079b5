import type { HistoryEvent } from '../engine';
import type { Dataset } from '../runtime/contract';

/** How far a state is. A state that is entered several times, in a loop or for each item of a Map, is one. */
export interface StateProgress {
  readonly name: string;
  readonly type: string;
  readonly status: 'running' | 'done' | 'failed';
  /** The most tries that one entry of the state took. */
  readonly attempts: number;
  /** Whole milliseconds in the state, retries and their delays included, over all entries. */
  readonly ms: number;
  /** Rows of the dataset that the state made. */
  readonly rows?: number;
  /** The error of the last try that failed. */
  readonly error?: string;
}

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly entered: number;
  /** The Parallel or Map around it, and which of its tries it was entered in. */
  readonly container?: Entry;
  readonly containerTry?: number;
  last: number;
  attempts: number;
  exited: boolean;
  /** Whether the last try failed. */
  failed: boolean;
  rows?: number;
  error?: string;
}

const ENTERED = /^(\w+)StateEntered$/;
const EXITED = /^\w+StateExited$/;
/** A try begins, by the type of the state. */
const TRY: Readonly<Record<string, string>> = { TaskScheduled: 'Task', ParallelStateStarted: 'Parallel', MapStateStarted: 'Map' };
const FAILED = /^(Task(Failed|TimedOut|StartFailed|SubmitFailed)|ParallelStateFailed|MapStateFailed)$/;

/** A state that its Parallel or Map left behind when it started over is no longer on its way. */
function isCurrent({ container, containerTry }: Entry): boolean {
  return container === undefined || container.attempts === containerTry;
}

/** Follows an execution by its history events. */
export class Progress {
  private readonly previous = new Map<number, number>();
  private readonly entries = new Map<number, Entry>();
  private over = false;
  /** As last assigned by a state. */
  dataset?: Dataset;

  /** Takes in the next event. */
  see(event: HistoryEvent): void {
    this.previous.set(event.id, event.previousEventId);
    const type = ENTERED.exec(event.type)?.[1];
    if (type !== undefined) this.enter(event, type);
    else if (EXITED.test(event.type)) this.exit(event);
    else if (event.type in TRY) this.attempt(event);
    else if (FAILED.test(event.type)) this.fail(event);
    else if (/^Execution(Failed|Aborted|TimedOut|Succeeded)$/.test(event.type)) this.over = true;
  }

  /** The states entered so far, in the order of their first entry. */
  states(now: number): StateProgress[] {
    const names = new Set([...this.entries.values()].map(({ name }) => name));
    return [...names].map((name) =>
      this.summarize(
        [...this.entries.values()].filter((entry) => entry.name === name),
        now,
      ),
    );
  }

  /** States entered and tried again, as the service bills them. A try that ended before it began its work is not told apart. */
  get transitions(): number {
    return [...this.entries.values()].reduce((sum, { attempts }) => sum + Math.max(attempts, 1), 0);
  }

  private summarize(entries: readonly Entry[], now: number): StateProgress {
    const { name, type } = entries[0]!;
    const current = entries.filter(isCurrent);
    const open = current.some(({ exited }) => !exited);
    const over = this.over || current.every(({ container }) => container?.exited);
    const failed = current.at(-1)?.failed || (over && open);
    const rows = entries.findLast((entry) => entry.rows !== undefined)?.rows;
    const error = entries.findLast((entry) => entry.error !== undefined)?.error;
    return {
      name,
      type,
      status: open && !over ? 'running' : failed ? 'failed' : 'done',
      attempts: Math.max(...entries.map(({ attempts }) => attempts), 1),
      ms: Math.round(entries.reduce((sum, entry) => sum + (entry.exited || this.over ? entry.last : now) - entry.entered, 0)),
      ...(rows === undefined ? {} : { rows }),
      ...(error === undefined ? {} : { error }),
    };
  }

  private enter({ id, timestamp, stateEnteredEventDetails }: HistoryEvent, type: string): void {
    const { name } = stateEnteredEventDetails as { name: string };
    const container = this.entryAbove(id, (each) => each.type === 'Parallel' || each.type === 'Map');
    const entry = { name, type, entered: timestamp, container, containerTry: container?.attempts, last: timestamp };
    this.entries.set(id, { ...entry, attempts: 0, exited: false, failed: false });
  }

  private exit({ id, timestamp, stateExitedEventDetails }: HistoryEvent): void {
    const { name, assignedVariables = {} } = stateExitedEventDetails as { name: string; assignedVariables?: Record<string, string> };
    const entry = this.entryAbove(id, (each) => each.name === name);
    if (!entry) return;
    entry.exited = true;
    entry.last = timestamp;
    if (assignedVariables.dataset === undefined) return;
    this.dataset = JSON.parse(assignedVariables.dataset) as Dataset;
    entry.rows = this.dataset.recordCount;
  }

  private attempt({ id, type, timestamp }: HistoryEvent): void {
    const entry = this.entryAbove(id, (each) => each.type === TRY[type]);
    if (!entry) return;
    entry.attempts += 1;
    entry.failed = false;
    entry.last = timestamp;
  }

  private fail({ id, type, timestamp, ...details }: HistoryEvent): void {
    const entry = this.entryAbove(id, (each) => type.startsWith(each.type));
    if (!entry) return;
    entry.last = timestamp;
    entry.failed = true;
    const detail = Object.values(details).find((value) => typeof value === 'object' && value !== null && 'error' in value);
    entry.error = (detail as { error?: string } | undefined)?.error ?? (type === 'TaskTimedOut' ? 'States.Timeout' : undefined);
  }

  /** The nearest state, back along the chain of events, that fits and is still open. */
  private entryAbove(id: number, fits: (entry: Entry) => boolean): Entry | undefined {
    for (let at: number | undefined = id; at !== undefined && at > 0; at = this.previous.get(at)) {
      const entry = this.entries.get(at);
      if (entry && !entry.exited && fits(entry)) return entry;
    }
    return undefined;
  }
}
