/** What Lambda tells a handler of the time it has. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

const LEAST_MARGIN_MS = 300;
const MOST_MARGIN_MS = 30_000;

/**
 * The end of an invocation, less what ending cleanly takes: a tenth of its time, between 0.3 and 30 seconds, and twice the longest that finishing
 * a part was seen to take.
 */
export class Deadline {
  private readonly margin: number;
  private slowest = 0;

  constructor(private readonly context: InvocationContext) {
    this.margin = Math.min(Math.max(context.getRemainingTimeInMillis() / 10, LEAST_MARGIN_MS), MOST_MARGIN_MS);
  }

  /** Milliseconds for reading; 0 when it is time to end. */
  left(): number {
    return Math.max(0, Math.floor(this.context.getRemainingTimeInMillis() - this.margin - 2 * this.slowest));
  }

  /** Learns how long finishing a part took. */
  finished(ms: number): void {
    this.slowest = Math.max(this.slowest, ms);
  }
}
