/** A chunk of fewer rows is not worth its statement. */
export const LEAST_ROWS = 100;
const FIRST_ROWS = 10_000;
const MOST_ROWS = 50_000_000;
const GROWTH = 4;
/** Rows get slower as a table goes on; a chunk is planned for this share of the time there is. */
const PLANNED_SHARE = 0.7;

/** How large chunks should be. */
export interface ChunkTarget {
  readonly bytes: number;
  readonly ms: number;
}

/** How many rows the next chunk has: as many as were read in time until now, learned from the chunks before. */
export class ChunkSize {
  private msPerRow?: number;

  constructor(
    private readonly target: ChunkTarget,
    /** Rows that the next chunk should have, had it the time. */
    public rows: number = FIRST_ROWS,
  ) {}

  /** The rows that can be read in so many milliseconds, at most {@link rows}; undefined if not even the least can. */
  within(ms: number): number | undefined {
    if (this.msPerRow === undefined) return this.rows;
    const most = Math.floor((ms * PLANNED_SHARE) / this.msPerRow);
    return most < LEAST_ROWS ? undefined : Math.min(this.rows, most);
  }

  /** Learns from a chunk that was read. */
  read(rows: number, bytes: number, ms: number): void {
    if (rows === 0) return;
    this.msPerRow = ms / rows;
    const wanted = Math.min(rows * GROWTH, (this.target.bytes / bytes) * rows, (this.target.ms / Math.max(ms, 1)) * rows, MOST_ROWS);
    this.rows = Math.max(LEAST_ROWS, Math.floor(wanted));
  }

  /** Answers a chunk that took too long; false if it was the smallest already. */
  halve(): boolean {
    this.msPerRow = undefined;
    if (this.rows <= LEAST_ROWS) return false;
    this.rows = Math.max(LEAST_ROWS, Math.floor(this.rows / 2));
    return true;
  }
}
