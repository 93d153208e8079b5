/** Splits delimited text into rows of fields as RFC 4180 has it: quoted fields may hold delimiters, line ends and doubled quotes. */
export class CsvParser {
  private row: string[] = [];
  private field = '';
  /** Inside quotes; or just after a quote that ends them or is the first of two. */
  private quotes: 'none' | 'inside' | 'closing' = 'none';

  constructor(private readonly delimiter: string) {}

  /** The rows that this piece of text completes. */
  push(text: string): string[][] {
    const rows: string[][] = [];
    for (const character of text) {
      if (this.quotes === 'inside') {
        if (character === '"') this.quotes = 'closing';
        else this.field += character;
      } else if (character === '"' && (this.quotes === 'closing' || this.field === '')) {
        if (this.quotes === 'closing') this.field += '"';
        this.quotes = 'inside';
      } else {
        this.quotes = 'none';
        if (character === this.delimiter) this.endField();
        else if (character === '\n') this.endRow(rows);
        else this.field += character;
      }
    }
    return rows;
  }

  /** The last row, if the text does not end with a line end. */
  end(): string[][] {
    if (this.quotes === 'inside') throw new Error('a quoted field of the CSV file is never closed');
    const rows: string[][] = [];
    this.endRow(rows);
    return rows;
  }

  private endField(): void {
    this.row.push(this.field);
    this.field = '';
  }

  private endRow(rows: string[][]): void {
    if (this.field.endsWith('\r')) this.field = this.field.slice(0, -1);
    this.endField();
    // Nothing at all on a line is no row.
    if (this.row.length > 1 || this.row[0] !== '') rows.push(this.row);
    this.row = [];
  }
}
