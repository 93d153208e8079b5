import { Cursor } from './cursor';
import { refused, SqlError } from './errors';
import { functionName } from './functions';
import type { Session } from './session';
import { isSymbol, isWord, quoteName, quoteText, type Token } from './tokenizer';
import { readType } from './types';

/** Words that an opening parenthesis may follow without being a call. */
const NOT_CALLS = new Set(
  `select from where and or not in values over using as on any some all by join when then else case between like ilike is distinct partition union intersect
   except minus set having qualify with insert into limit offset left right inner outer full cross`.split(/\s+/),
);

/** What DuckDB takes and Redshift does not, or takes in another sense. */
const REFUSED_WORDS: Readonly<Record<string, string>> = {
  returning: 'select the rows after the statement',
  conflict: 'use MERGE, or DELETE and INSERT',
  asof: 'join on a condition',
  semi: 'use EXISTS',
  anti: 'use NOT EXISTS',
  positional: 'join on a condition',
  similar: 'use LIKE',
  convert: 'use CAST',
  information_schema: 'describe the table instead',
  pg_catalog: 'describe the table instead',
  lambda: 'use plain SQL',
  tablesample: 'use a condition',
};

const CLOCKS = new Set(['sysdate']);

/**
 * Turns the tokens of a query, condition or expression from Redshift's SQL into DuckDB's. Constructs that would run but mean something else
 * are refused by name. Names come out quoted where they were, folded to lower case everywhere.
 */
export function translate(tokens: readonly Token[], session: Session): string {
  const cursor = new Cursor(tokens);
  const out: string[] = [];
  const casts: number[] = [];
  let depth = 0;
  let previous: Token | undefined;
  while (!cursor.done) {
    const token = cursor.next();
    const space = token.spaced && out.length > 0 ? ' ' : '';
    if (isSymbol(token, '(')) depth++;
    if (isSymbol(token, ')')) {
      if (casts.at(-1) === depth) casts.pop();
      depth--;
    }
    if (isSymbol(token, '::')) {
      out.push(`::${castType(cursor)}`);
    } else if (isWord(token, 'as') && casts.at(-1) === depth) {
      out.push(`${space}AS ${castType(cursor)}`);
    } else if (token.kind === 'word' && isSymbol(cursor.peek(), '(') && !NOT_CALLS.has(token.text) && !isSymbol(previous, '.')) {
      if (token.text === 'cast' || token.text === 'try_cast') casts.push(depth + 1);
      out.push(space + call(token.text, cursor, session));
    } else {
      guard(token, previous, cursor);
      out.push(space + render(token));
    }
    previous = token;
  }
  return out.join('');
}

function call(name: string, cursor: Cursor, session: Session): string {
  if (name === 'filter') throw refused('FILTER', 'use an aggregate over CASE');
  if (name === 'getdate') {
    cursor.expectSymbol('(');
    cursor.expectSymbol(')');
    return 'now()::TIMESTAMP';
  }
  if (name === 'pg_last_copy_count') {
    cursor.expectSymbol('(');
    cursor.expectSymbol(')');
    return String(session.lastCopyCount);
  }
  if (name === 'json_parse') return 'json';
  return functionName(name);
}

function render(token: Token): string {
  if (token.kind === 'quoted' || token.text.startsWith('#')) return quoteName(token.text);
  if (token.kind === 'string') return quoteText(token.text);
  return CLOCKS.has(token.text) && token.kind === 'word' ? 'now()::TIMESTAMP' : token.text;
}

function guard(token: Token, previous: Token | undefined, cursor: Cursor): void {
  if (token.kind === 'string' && token.text.includes('\\')) {
    throw refused('a backslash in a string, which Redshift reads as an escape,', "write CHR(92) || '...'");
  }
  if (token.kind === 'string' && isWord(previous, 'from', 'join'))
    throw new SqlError('syntax error: a table is named by an identifier, not by a string');
  if ((isSymbol(token, '/') || isSymbol(token, '%')) && !safeDivisor(cursor)) {
    throw refused(`${token.text} by something that may be zero, where Redshift fails,`, 'divide by a literal or by NULLIF(x, 0)');
  }
  if (token.kind !== 'word') return;
  const instead = REFUSED_WORDS[token.text];
  if (instead !== undefined) throw refused(token.text.toUpperCase(), instead);
  if (/^(?:duckdb|sys|svv|svl|stv|stl|pg)_/.test(token.text)) throw refused(`system object ${token.text}`, 'describe the table instead');
  if (token.text === 'distinct' && isWord(cursor.peek(), 'on')) throw refused('DISTINCT ON', 'use QUALIFY ROW_NUMBER() OVER (...) = 1');
}

function safeDivisor(cursor: Cursor): boolean {
  const divisor = cursor.peek();
  if (divisor?.kind === 'number') return Number(divisor.text) !== 0;
  return isWord(divisor, 'nullif') && isSymbol(cursor.peek(1), '(');
}

/** The length of a cast to text is a silent cut on Redshift, but nothing on DuckDB. */
function castType(cursor: Cursor): string {
  const bare = isWord(cursor.peek(), 'varchar', 'text') && !isSymbol(cursor.peek(1), '(');
  const type = readType(cursor);
  if (type.bytes !== undefined && !bare)
    throw refused(`a cast to ${type.name}, which cuts silently,`, 'cast to VARCHAR without a length, or use SUBSTRING');
  return type.duckdb;
}
