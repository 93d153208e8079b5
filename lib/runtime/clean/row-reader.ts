import type { Row } from './row';

/** Reads the lines of a format into a row, block by block. A block holds whole lines, each ended by a newline. */
export interface RowReader {
  /** Starts a block. */
  open(block: Buffer): void;
  /** Reads the next line; false when the block holds no more. */
  next(row: Row): boolean;
  /** Reads the line that `next` read last once more, as it came. */
  again(row: Row): void;
  /** The column whose value, as it came, holds a zero byte or is no UTF-8; -1 if all are text. */
  fault(row: Row): number;
}
