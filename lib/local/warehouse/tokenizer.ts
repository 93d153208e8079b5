import { SqlError } from './errors';

/** A piece of a SQL text. `text` is the folded name of a word or quoted name, the content of a string, or the symbol itself. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol';
  readonly text: string;
  /** Whether white space or a comment came before it. */
  readonly spaced: boolean;
}

const PATTERNS: ReadonlyArray<readonly [Token['kind'] | 'blank', RegExp]> = [
  ['blank', /\s+|--[^\n]*|\/\*[\s\S]*?\*\//y],
  ['string', /'(?:[^']|'')*'/y],
  ['quoted', /"(?:[^"]|"")*"/y],
  ['word', /#?[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['symbol', /::|<>|!=|<=|>=|\|\||[-+*/%=<>(),.;]/y],
];

/**
 * Splits a statement into tokens. Names fold to lower case, quoted ones too: Redshift does so unless
 * `enable_case_sensitive_identifier` is on. A closing semicolon is dropped; text after it is a second statement and refused.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let spaced = false;
  while (at < sql.length) {
    const [kind, text] = next(sql, at);
    at += text.length;
    if (kind === 'blank') {
      spaced = true;
      continue;
    }
    tokens.push({ kind, text: content(kind, text), spaced });
    spaced = false;
  }
  if (isSymbol(tokens.at(-1), ';')) tokens.pop();
  if (tokens.some((token) => isSymbol(token, ';'))) throw new SqlError('a SQL text holds one statement, got several; give each its own entry');
  if (tokens.length === 0) throw new SqlError('the SQL text is empty; give one statement');
  return tokens;
}

/** Whether the token is that symbol. */
export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol;
}

/** Whether the token is one of these unquoted words. */
export function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text);
}

/** A name as Redshift keeps it: of its letters only those of ASCII have a case. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** A name as SQL, whatever characters it has. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function next(sql: string, at: number): readonly [Token['kind'] | 'blank', string] {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(sql);
    if (match) return [kind, match[0]];
  }
  const char = String.fromCodePoint(sql.codePointAt(at) ?? 0);
  if (char === "'" || char === '"') throw new SqlError(`unterminated quoted ${char === "'" ? 'string' : 'identifier'}`);
  throw new SqlError(`syntax error at or near "${char}": not Redshift SQL, or not known to the local warehouse`);
}

function content(kind: Token['kind'], text: string): string {
  if (kind === 'string') return text.slice(1, -1).replaceAll("''", "'");
  if (kind === 'quoted') return checked(foldName(text.slice(1, -1).replaceAll('""', '"')));
  if (kind === 'word') return checked(foldName(text));
  return text;
}

function checked(name: string): string {
  if (name === '') throw new SqlError('zero-length delimited identifier');
  if (/\p{Cc}/u.test(name)) throw new SqlError('an identifier holds a character that is not printable');
  const bytes = Buffer.byteLength(name);
  if (bytes > 127) throw new SqlError(`identifier of ${bytes} bytes is too long; at most 127 bytes are allowed`);
  return name;
}
