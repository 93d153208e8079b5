import { copy } from './copy';
import { Cursor, quoteTable } from './cursor';
import { alter, create, drop } from './ddl';
import { insert, remove, select, update } from './dml';
import { refused, SqlError } from './errors';
import { merge } from './merge';
import type { Outcome, Session } from './session';
import { isWord, tokenize } from './tokenizer';

/** Statements that only matter where there are users, statistics or others at work; batches here run one after the other. */
const WITHOUT_EFFECT = ['analyze', 'grant', 'revoke', 'lock', 'comment'];
const TRANSACTION = ['begin', 'start', 'commit', 'end', 'rollback', 'abort', 'savepoint'];

/** Runs one statement of Redshift's SQL in the session. */
export async function runStatement(sql: string, session: Session, resolveS3: (url: string) => string): Promise<Outcome> {
  const tokens = tokenize(sql);
  if (isWord(tokens[0], 'select', 'with')) return select(tokens, session);
  const cursor = new Cursor(tokens);
  const word = cursor.name();
  if (WITHOUT_EFFECT.includes(word)) return { rows: -1 };
  if (TRANSACTION.includes(word)) throw new SqlError(`${word.toUpperCase()} is not allowed: a batch is one transaction already; leave it out`);
  switch (word) {
    case 'create':
      return create(cursor, session);
    case 'drop':
      return drop(cursor, session);
    case 'alter':
      return alter(cursor, session);
    case 'insert':
      return insert(cursor, session);
    case 'update':
      return update(cursor, session);
    case 'delete':
      return remove(cursor, session);
    case 'merge':
      return merge(cursor, session);
    case 'copy':
      return copy(cursor, session, resolveS3);
    case 'truncate':
      return truncate(cursor, session);
    case 'vacuum':
      if (session.inBatch) throw new SqlError('VACUUM cannot run inside a transaction block; run it as a statement of its own');
      return { rows: -1 };
    default:
      throw refused(`statement ${word.toUpperCase()}`, 'use SELECT INSERT UPDATE DELETE MERGE COPY TRUNCATE CREATE DROP or ALTER TABLE');
  }
}

async function truncate(cursor: Cursor, session: Session): Promise<Outcome> {
  if (session.inBatch) throw new SqlError('TRUNCATE commits the transaction it is in, so that the batch could not be rolled back; use DELETE FROM');
  cursor.accept('table');
  const table = cursor.tableName();
  cursor.end();
  await session.columns(table);
  await session.change(table, `DELETE FROM ${quoteTable(table)}`);
  return { rows: -1 };
}
