/** What a script for psql holds: statements, commands to psql itself, and the data that follows a `COPY ... FROM stdin`. */
export type ScriptItem =
  /** `outline` is the beginning of the statement without comments and with `'...'` for every text. */
  | { readonly kind: 'statement'; readonly line: number; readonly text: string; readonly outline: string }
  | { readonly kind: 'command'; readonly line: number; readonly name: string; readonly argument: string };

type State = 'sql' | 'comment' | 'text' | 'escaped text' | 'identifier' | 'dollar quoted text';

const OUTLINE = 500;
const WORD = '[A-Za-z_\\u0080-\\uffff]';
const TOKEN = new RegExp(`${WORD}[\\w$\\u0080-\\uffff]*|--|/\\*|[\\\\;()'"]|\\$(?:${WORD}[\\w\\u0080-\\uffff]*)?\\$`, 'g');

/** Splits a script as psql does: a semicolon ends a statement only outside of quotes, comments, brackets and the bodies of SQL functions. */
export class SqlScanner {
  private state: State = 'sql';
  private lineNumber = 0;
  private line = '';
  private at = 0;
  /** Where the text of the line begins that is not in `pieces` yet. */
  private from = 0;
  private pieces: string[] = [];
  /** Whether more than white space and comments of a statement was seen. */
  private begun = false;
  private outline = '';
  private startLine = 0;
  private quoteLine = 0;
  private brackets = 0;
  private bodies = 0;
  private comments = 0;
  private tag = '';
  private words: string[] = [];
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });

  /** Old dumps turn it off: then a backslash escapes in every text. */
  standardStrings = true;

  constructor(private readonly lines: AsyncIterator<Buffer>) {}

  /** The next statement or command, or nothing at the script's end. */
  async next(): Promise<ScriptItem | undefined> {
    for (;;) {
      const item = this.scan();
      if (item) return item;
      this.pieces.push(this.line.slice(this.from));
      const line = await this.nextLine();
      this.line = line ? this.decode(line) : '';
      this.at = 0;
      this.from = 0;
      if (!line) return this.finish();
    }
  }

  /** The lines between a `COPY ... FROM stdin` and its `\.`. */
  async *copyData(): AsyncGenerator<Buffer> {
    const start = this.lineNumber;
    for (;;) {
      const line = await this.nextLine();
      if (line === undefined) throw new Error(`line ${start}: the script ends within the data of this COPY; it was cut off, write it again`);
      if (line.length <= 4 && /^\\\.\r?\n?$/.test(line.toString('latin1'))) return;
      yield line;
    }
  }

  /** The number of the line last read, from 1. */
  get lastLine(): number {
    return this.lineNumber;
  }

  private async nextLine(): Promise<Buffer | undefined> {
    const { done, value } = await this.lines.next();
    if (done) return undefined;
    this.lineNumber++;
    return value;
  }

  private decode(line: Buffer): string {
    try {
      return this.decoder.decode(line);
    } catch {
      throw new Error(`line ${this.lineNumber}: the script is not UTF-8; convert it, for example with: iconv -f LATIN1 -t UTF-8`);
    }
  }

  private scan(): ScriptItem | undefined {
    while (this.at < this.line.length) {
      if (this.state !== 'sql') {
        this.scanQuoted();
        continue;
      }
      TOKEN.lastIndex = this.at;
      const match = TOKEN.exec(this.line);
      const end = match?.index ?? this.line.length;
      this.note(this.line.slice(this.at, end), this.at);
      this.at = end + (match?.[0].length ?? 0);
      if (match?.[0] === '\\') {
        const item = this.command(end);
        if (item) return item;
      } else if (match?.[0] === ';' && this.brackets === 0 && this.bodies === 0) {
        const item = this.statement(end);
        if (item) return item;
      } else if (match) {
        this.take(match[0], end);
      }
    }
    return undefined;
  }

  private take(token: string, index: number): void {
    if (token === '--') {
      this.at = this.line.length;
    } else if (token === '/*') {
      this.comments = 1;
      this.enter('comment');
    } else if (token === "'") {
      this.note("'...'", index);
      this.enter(this.standardStrings ? 'text' : 'escaped text');
    } else if (token.startsWith('$')) {
      this.note("'...'", index);
      this.tag = token;
      this.enter('dollar quoted text');
    } else {
      this.note(token, index);
      if (token === '"') this.enter('identifier');
      else if (token === '(') this.brackets++;
      else if (token === ')') this.brackets = Math.max(0, this.brackets - 1);
      else if (token !== ';') this.takeWord(token.toUpperCase());
    }
  }

  /** The body of an SQL function between BEGIN and END holds semicolons that end nothing. */
  private takeWord(word: string): void {
    if (this.words.length < 4) this.words.push(word);
    if (word === 'E' && this.line[this.at] === "'") {
      this.at++;
      this.note("'...'", this.at);
      this.enter('escaped text');
      return;
    }
    const [first, second, third, fourth] = this.words;
    const kind = second === 'OR' && third === 'REPLACE' ? fourth : second;
    if (first !== 'CREATE' || (kind !== 'FUNCTION' && kind !== 'PROCEDURE') || this.brackets > 0) return;
    if (word === 'BEGIN' || (word === 'CASE' && this.bodies > 0)) this.bodies++;
    else if (word === 'END' && this.bodies > 0) this.bodies--;
  }

  private enter(state: State): void {
    this.state = state;
    this.quoteLine = this.lineNumber;
  }

  private scanQuoted(): void {
    const start = this.at;
    if (this.state === 'escaped text') {
      const end = this.find(/['\\]/g);
      this.at = this.line[end] === '\\' ? end + 2 : end + 1;
      if (this.line[end] === "'") this.state = 'sql';
    } else if (this.state === 'comment') {
      const end = this.find(/\/\*|\*\//g);
      this.at = end + 2;
      if (end < this.line.length) this.comments += this.line[end] === '/' ? 1 : -1;
      if (this.comments === 0) this.state = 'sql';
    } else if (this.state === 'identifier') {
      this.leaveAfter('"');
      this.note(this.line.slice(start, this.at), start);
    } else {
      this.leaveAfter(this.state === 'dollar quoted text' ? this.tag : "'");
    }
  }

  private leaveAfter(close: string): void {
    const end = this.line.indexOf(close, this.at);
    this.at = end < 0 ? this.line.length : end + close.length;
    if (end >= 0) this.state = 'sql';
  }

  private find(pattern: RegExp): number {
    pattern.lastIndex = this.at;
    return pattern.exec(this.line)?.index ?? this.line.length;
  }

  /** Adds to the outline; with the first of it the statement begins, and what stood before is none of it. */
  private note(text: string, index: number): void {
    if (!this.begun) {
      if (text.trim() === '') return;
      this.begun = true;
      this.startLine = this.lineNumber;
      this.pieces = [];
      this.from = index + text.length - text.trimStart().length;
    }
    if (this.outline.length < OUTLINE) this.outline += text;
  }

  /** A command to psql goes to the end of its line; `\g` is another way to end a statement. */
  private command(end: number): ScriptItem | undefined {
    const [, name, argument] = /^(\S*)\s*(.*?)\s*$/s.exec(this.line.slice(this.at))!;
    this.at = this.line.length;
    if (name === 'g' && argument === '') return this.statement(end);
    this.pieces.push(this.line.slice(this.from, end));
    this.from = this.at;
    return { kind: 'command', line: this.lineNumber, name: name!, argument: argument! };
  }

  private statement(end: number): ScriptItem | undefined {
    this.pieces.push(this.line.slice(this.from, end));
    this.from = this.at;
    const [text, outline, begun] = [this.pieces.join(''), this.outline.replace(/\s+/g, ' ').trim(), this.begun];
    this.pieces = [];
    this.begun = false;
    this.outline = '';
    this.words = [];
    this.brackets = 0;
    this.bodies = 0;
    return begun ? { kind: 'statement', line: this.startLine, text, outline } : undefined;
  }

  private finish(): ScriptItem | undefined {
    if (this.state !== 'sql') {
      throw new Error(`line ${this.quoteLine}: the script ends within the ${this.state} that begins here; it was cut off, write it again`);
    }
    return this.statement(0);
  }
}
