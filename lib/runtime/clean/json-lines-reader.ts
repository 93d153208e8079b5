import { isUtf8 } from 'node:buffer';
import type { RejectedRow } from '../contract';
import { PermanentError } from '../shared/errors';
import type { Row } from './row';
import type { RowReader } from './row-reader';

const NEWLINE = 0x0a;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What a line holds: the values by column, and the column, if any, that is known to hold no text. */
interface Unwrapped {
  readonly values: unknown;
  readonly faulty?: string;
}

/** Reads JSON Lines: an object a line, every column there, every value a string or null. */
export class JsonLinesReader implements RowReader {
  private block: Buffer = Buffer.alloc(0);
  private line = 0;
  private at = 0;
  private valid = true;
  private faulty = -1;
  private values = Buffer.allocUnsafe(64 * 1024);

  /** `unwrap` finds the row in a line. */
  constructor(
    private readonly columns: readonly string[],
    private readonly unwrap: (line: Record<string, unknown>) => Unwrapped = (values) => ({ values }),
  ) {}

  /** Reads rejected rows: what was no text when it was rejected has been replaced, and stays rejected. */
  static ofRejects(columns: readonly string[]): JsonLinesReader {
    return new JsonLinesReader(columns, (line) => {
      const { row, reason } = line as Partial<RejectedRow>;
      return { values: row, faulty: reason?.rule === 'encoding' ? reason.column : undefined };
    });
  }

  open(block: Buffer): void {
    this.block = block;
    this.at = 0;
    this.valid = isUtf8(block);
  }

  next(row: Row): boolean {
    if (this.at === this.block.length) return false;
    this.line = this.at;
    this.at = this.block.indexOf(NEWLINE, this.line) + 1;
    this.read(this.block.toString('utf8', this.line, this.at), row);
    return true;
  }

  again(row: Row): void {
    this.at = this.line;
    this.next(row);
  }

  fault(): number {
    return this.faulty;
  }

  private read(line: string, row: Row): void {
    const { values, faulty } = this.unwrap(objectOf(parse(line)));
    const object = objectOf(values);
    if (Object.keys(object).length > this.columns.length) throw corrupt('a row has keys that are no column');
    // a character of UTF-16 is at most three bytes of UTF-8, and an escape is longer than what it stands for
    if (this.values.length < line.length * 3) this.values = Buffer.allocUnsafe(line.length * 3);
    this.faulty = faulty === undefined ? -1 : this.columns.indexOf(faulty);
    let at = 0;
    for (let column = 0; column < this.columns.length; column++) {
      const name = this.columns[column]!;
      const value = Object.hasOwn(object, name) ? object[name] : undefined;
      if (value === null) {
        row.setNull(column);
      } else if (typeof value === 'string') {
        if (this.faulty < 0 && this.isFaulty(value)) this.faulty = column;
        const end = at + this.values.write(value, at);
        row.point(column, this.values, at, end);
        at = end;
      } else {
        throw corrupt(`a row has ${value === undefined ? 'no value' : `a ${typeof value}`} in column '${name}', where a string or null must be`);
      }
    }
  }

  private isFaulty(value: string): boolean {
    return value.includes('\0') || LONE_SURROGATE.test(value) || (!this.valid && value.includes('\ufffd'));
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // the parser's message quotes the line
    throw corrupt('a line is no JSON');
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt('a line is no JSON object');
  return value as Record<string, unknown>;
}

function corrupt(what: string): PermanentError {
  return new PermanentError('CorruptInput', what);
}
