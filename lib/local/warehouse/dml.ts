import { Cursor, quoteTable } from './cursor';
import { refused } from './errors';
import { translate } from './expression';
import { refuseOverflow } from './lengths';
import type { Outcome, Session } from './session';
import { isSymbol, isWord, quoteName, type Token } from './tokenizer';

/** Runs SELECT and WITH ... SELECT. */
export async function select(tokens: readonly Token[], session: Session): Promise<Outcome> {
  if (intoAtTop(tokens)) throw refused('SELECT INTO', 'use CREATE TABLE ... AS');
  const result = await session.read(translate(tokens, session));
  return { rows: result.rows.length, result };
}

/** Runs INSERT INTO t [(columns)] VALUES or query. */
export async function insert(cursor: Cursor, session: Session): Promise<Outcome> {
  cursor.expect('into');
  const table = cursor.tableName();
  await session.columns(table);
  const isColumnList = isSymbol(cursor.peek(), '(') && !isWord(cursor.peek(1), 'select', 'with');
  const columns = isColumnList ? ` (${cursor.names().map(quoteName).join(', ')})` : '';
  if (!isWord(cursor.peek(), 'values', 'select', 'with', 'default') && !isSymbol(cursor.peek(), '(')) throw cursor.unexpected('VALUES or SELECT');
  const rows = await session.add(table, `INSERT INTO ${quoteTable(table)}${columns} ${translate(cursor.rest(), session)}`);
  await refuseOverflow(table, session);
  return { rows };
}

/** Runs UPDATE t SET ... [FROM ...] [WHERE ...]. */
export async function update(cursor: Cursor, session: Session): Promise<Outcome> {
  const table = cursor.tableName();
  await session.columns(table);
  const alias = isWord(cursor.peek(), 'set') ? '' : translate(cursor.until('set'), session);
  const rows = await session.change(table, `UPDATE ${quoteTable(table)} ${alias} ${translate(cursor.rest(), session)}`);
  await refuseOverflow(table, session);
  return { rows };
}

/** Runs DELETE [FROM] t [USING ...] [WHERE ...]; the table takes no alias on Redshift. */
export async function remove(cursor: Cursor, session: Session): Promise<Outcome> {
  cursor.accept('from');
  const table = cursor.tableName();
  await session.columns(table);
  if (!cursor.done && !isWord(cursor.peek(), 'using', 'where')) throw cursor.unexpected('USING or WHERE (the table of a DELETE takes no alias)');
  return { rows: await session.change(table, `DELETE FROM ${quoteTable(table)} ${translate(cursor.rest(), session)}`) };
}

function intoAtTop(tokens: readonly Token[]): boolean {
  const cursor = new Cursor(tokens);
  cursor.until('into');
  return !cursor.done;
}
