import { SqlError } from './errors';
import { isSymbol, isWord, quoteName, type Token } from './tokenizer';

/** A table as a statement names it. */
export interface TableName {
  readonly schema?: string;
  readonly name: string;
}

/** Reads a list of tokens from left to right; what a statement must have is an error when it is not there. */
export class Cursor {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  peek(offset = 0): Token | undefined {
    return this.tokens[this.at + offset];
  }

  next(): Token {
    const token = this.tokens[this.at];
    if (!token) throw new SqlError('syntax error at end of statement');
    this.at++;
    return token;
  }

  /** Steps over these words if all of them come next. */
  accept(...words: string[]): boolean {
    if (!words.every((word, index) => isWord(this.peek(index), word))) return false;
    this.at += words.length;
    return true;
  }

  acceptSymbol(symbol: string): boolean {
    if (!isSymbol(this.peek(), symbol)) return false;
    this.at++;
    return true;
  }

  expect(...words: string[]): void {
    if (!this.accept(...words)) throw this.unexpected(words.join(' ').toUpperCase());
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) throw this.unexpected(symbol);
  }

  name(): string {
    const token = this.peek();
    if (token?.kind !== 'word' && token?.kind !== 'quoted') throw this.unexpected('a name');
    this.at++;
    return token.text;
  }

  tableName(): TableName {
    const first = this.name();
    if (!this.acceptSymbol('.')) return { name: first };
    const second = this.name();
    if (isSymbol(this.peek(), '.'))
      throw new SqlError('a table is named "schema"."table"; cross-database names are not known to the local warehouse');
    return { schema: first, name: second };
  }

  text(): string {
    const token = this.peek();
    if (token?.kind !== 'string') throw this.unexpected('a quoted string');
    this.at++;
    return token.text;
  }

  number(): number {
    const sign = this.acceptSymbol('-') ? -1 : 1;
    const token = this.peek();
    if (token?.kind !== 'number') throw this.unexpected('a number');
    this.at++;
    return sign * Number(token.text);
  }

  /** The tokens within the parentheses that come next. */
  group(): Token[] {
    this.expectSymbol('(');
    const inner: Token[] = [];
    for (let depth = 1; ; ) {
      const token = this.next();
      if (isSymbol(token, '(')) depth++;
      if (isSymbol(token, ')') && --depth === 0) return inner;
      inner.push(token);
    }
  }

  /** The names within the parentheses that come next. */
  names(): string[] {
    return commaSeparated(this.group()).map((part) => {
      const cursor = new Cursor(part);
      const name = cursor.name();
      cursor.end();
      return name;
    });
  }

  /** Everything up to one of these words at the same depth, or to the end. */
  until(...words: string[]): Token[] {
    const taken: Token[] = [];
    for (let depth = 0; !this.done; ) {
      const token = this.next();
      if (depth === 0 && isWord(token, ...words)) {
        this.at--;
        break;
      }
      if (isSymbol(token, '(')) depth++;
      if (isSymbol(token, ')')) depth--;
      taken.push(token);
    }
    return taken;
  }

  rest(): Token[] {
    const rest = this.tokens.slice(this.at);
    this.at = this.tokens.length;
    return rest;
  }

  end(): void {
    if (!this.done) throw this.unexpected('the end of the statement');
  }

  unexpected(wanted: string): SqlError {
    const token = this.peek();
    return new SqlError(
      token ? `syntax error at or near "${token.text}": expected ${wanted}` : `syntax error at end of statement: expected ${wanted}`,
    );
  }
}

/** Splits tokens at the commas that are not within parentheses. */
export function commaSeparated(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, '(')) depth++;
    if (isSymbol(token, ')')) depth--;
    if (depth === 0 && isSymbol(token, ',')) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** The table's name as SQL. */
export function quoteTable(table: TableName): string {
  return table.schema === undefined ? quoteName(table.name) : `${quoteName(table.schema)}.${quoteName(table.name)}`;
}

/** The table's name as messages say it. */
export function describeName(table: TableName): string {
  return table.schema === undefined ? table.name : `${table.schema}.${table.name}`;
}
