import { ErrorName, Stopped } from './errors';

/** An event of an execution's history, in the shape of the service's GetExecutionHistory, with the time as epoch milliseconds. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

/** Quota of the service. The event that ends the execution is the last. */
const MAX_EVENTS = 25_000;

/** The events of one execution in the order they happened. */
export class History {
  readonly events: HistoryEvent[];
  private last: number;

  /** `kept` tells whether anybody will look at the events once the execution is over; `earlier` is what happened before it was redriven. */
  constructor(
    private readonly now: () => number,
    private readonly onEvent?: (event: HistoryEvent) => void,
    private readonly kept = true,
    earlier: readonly HistoryEvent[] = [],
  ) {
    this.events = [...earlier];
    this.last = earlier.length;
  }

  /** Appends an event and returns its id. Throws once only the event that ends the execution has room. */
  record(type: string, previousEventId: number, details: Record<string, unknown> = {}): number {
    if (this.last >= MAX_EVENTS - 1) {
      throw new Stopped('FAILED', ErrorName.RUNTIME, `The execution reached the maximum number of history events (${MAX_EVENTS}).`);
    }
    return this.append(type, previousEventId, details);
  }

  /** Appends the event that ends the execution. */
  end(type: string, previousEventId: number, details: Record<string, unknown> = {}): void {
    this.append(type, previousEventId, details);
  }

  private append(type: string, previousEventId: number, details: Record<string, unknown>): number {
    this.last += 1;
    if (this.kept) {
      const event = { id: this.last, previousEventId, timestamp: this.now(), type, ...details };
      this.events.push(event);
      this.onEvent?.(event);
    }
    return this.last;
  }
}
