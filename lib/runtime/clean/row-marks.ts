/** Marks on the rows of a part, a bit each. */
export class RowMarks {
  /** How many rows are marked. */
  count = 0;

  private constructor(readonly bytes: Buffer) {}

  /** No mark on any of so many rows. */
  static none(rows: number): RowMarks {
    return new RowMarks(Buffer.alloc(Math.ceil(rows / 8)));
  }

  /** The marks as {@link RowMarks.bytes} were. */
  static from(bytes: Buffer): RowMarks {
    return new RowMarks(bytes);
  }

  mark(row: number): void {
    if (this.has(row)) return;
    this.bytes[row >> 3]! |= 1 << (row & 7);
    this.count++;
  }

  has(row: number): boolean {
    return (this.bytes[row >> 3]! & (1 << (row & 7))) !== 0;
  }

  /** The marked rows, ascending. */
  *rows(): Generator<number> {
    for (let at = 0; at < this.bytes.length; at++) {
      const byte = this.bytes[at]!;
      for (let bit = 0; byte >> bit !== 0; bit++) if ((byte >> bit) & 1) yield at * 8 + bit;
    }
  }
}
