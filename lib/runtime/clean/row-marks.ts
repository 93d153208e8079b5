/** Marks on the rows of a part, a bit each. */
export class RowMarks {
  private constructor(
    readonly bytes: Buffer,
    /** How many rows are marked. */
    public count = 0,
  ) {}

  /** No mark on any of so many rows. */
  static none(rows: number): RowMarks {
    return new RowMarks(Buffer.alloc(Math.ceil(rows / 8)));
  }

  /** So many marks, as {@link RowMarks.bytes} held them. */
  static from(bytes: Buffer, count: number): RowMarks {
    return new RowMarks(bytes, count);
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
