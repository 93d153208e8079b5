/**
 * The row being cleaned. A value is a range of bytes (UTF-8 of PostgreSQL's text form), not a string: most values of most rows pass through
 * unchanged, and a range costs neither decoding nor garbage, and counts bytes as Redshift's varchar does.
 */
export class Row {
  readonly bytes: Buffer[];
  /** Below 0 for NULL. */
  readonly start: Int32Array;
  readonly end: Int32Array;

  constructor(readonly width: number) {
    this.bytes = new Array<Buffer>(width).fill(Buffer.alloc(0));
    this.start = new Int32Array(width).fill(-1);
    this.end = new Int32Array(width);
  }

  /** Makes the column's value a range of a buffer, which must not change while the row is in use. */
  point(column: number, bytes: Buffer, start: number, end: number): void {
    this.bytes[column] = bytes;
    this.start[column] = start;
    this.end[column] = end;
  }

  /** Makes the column's value this text. */
  set(column: number, text: string): void {
    const bytes = Buffer.from(text);
    this.point(column, bytes, 0, bytes.length);
  }

  setNull(column: number): void {
    this.start[column] = -1;
  }

  isNull(column: number): boolean {
    return this.start[column]! < 0;
  }

  /** The value as text; only for a column that is not NULL. */
  text(column: number): string {
    return this.bytes[column]!.toString('utf8', this.start[column], this.end[column]);
  }

  /** The value's bytes one character each: the cheap text of what is known or tested to be ASCII, and a key for exact comparison. */
  binary(column: number): string {
    return this.bytes[column]!.toString('latin1', this.start[column], this.end[column]);
  }
}
