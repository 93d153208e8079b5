import { Cursor, describeName, quoteTable, type TableName } from './cursor';
import { refused, SqlError } from './errors';
import { translate } from './expression';
import { refuseOverflow } from './lengths';
import type { Outcome, Session } from './session';
import { isSymbol, isWord, quoteName, type Token } from './tokenizer';

const BOTH_CLAUSES = 'MERGE needs both WHEN MATCHED THEN ... and WHEN NOT MATCHED THEN INSERT ..., or REMOVE DUPLICATES';

/** Runs MERGE in the forms that Redshift has: no alias of the target, a table as source, equality only, both clauses or REMOVE DUPLICATES. */
export async function merge(cursor: Cursor, session: Session): Promise<Outcome> {
  cursor.expect('into');
  const target = cursor.tableName();
  if (!isWord(cursor.peek(), 'using'))
    throw new SqlError(`syntax error at or near "${cursor.peek()?.text ?? ''}": the target of MERGE takes no alias`);
  cursor.expect('using');
  if (isSymbol(cursor.peek(), '('))
    throw new SqlError('the source of MERGE must be a table, not a subquery; put the rows into a temporary table first');
  const source = cursor.tableName();
  const alias = isWord(cursor.peek(), 'on') ? undefined : aliasOf(cursor);
  cursor.expect('on');
  const on = cursor.until('when', 'remove');
  refuseUnequal(on);
  await session.columns(target);
  await session.columns(source);
  const from = `${quoteTable(source)}${alias === undefined ? '' : ` AS ${quoteName(alias)}`}`;
  const condition = translate(on, session);
  const rows = cursor.accept('remove', 'duplicates')
    ? await removeDuplicates(cursor, target, source, from, condition, session)
    : await mergeRows(cursor, target, from, condition, session);
  await refuseOverflow(target, session);
  return { rows };
}

function aliasOf(cursor: Cursor): string {
  cursor.accept('as');
  return cursor.name();
}

async function mergeRows(cursor: Cursor, target: TableName, from: string, condition: string, session: Session): Promise<number> {
  const clauses = cursor.rest();
  const reader = new Cursor(clauses);
  if (!reader.accept('when', 'matched')) throw new SqlError(BOTH_CLAUSES);
  refuseCondition(reader);
  if (!reader.accept('update', 'set') && !reader.accept('delete')) throw reader.unexpected('UPDATE SET or DELETE');
  while (!reader.accept('when', 'not', 'matched')) {
    if (reader.done) throw new SqlError(BOTH_CLAUSES);
    reader.next();
  }
  refuseCondition(reader);
  reader.expect('insert');
  reader.until('when');
  reader.end();
  await refuseSeveralMatches(target, from, condition, session);
  return session.change(target, `MERGE INTO ${quoteTable(target)} USING ${from} ON ${condition} ${translate(clauses, session)}`);
}

function refuseCondition(cursor: Cursor): void {
  if (isWord(cursor.peek(), 'and')) throw new SqlError('syntax error at or near "and": WHEN [NOT] MATCHED takes no condition of its own');
  cursor.expect('then');
}

/** The rows of the target that the source matches are replaced by the source's distinct rows, which are all inserted. */
async function removeDuplicates(
  cursor: Cursor,
  target: TableName,
  source: TableName,
  from: string,
  condition: string,
  session: Session,
): Promise<number> {
  cursor.end();
  const [wanted, given] = [await session.columns(target), await session.columns(source)];
  if (wanted.length !== given.length) {
    throw new SqlError(
      `MERGE ... REMOVE DUPLICATES needs the same columns on both sides, got ${given.length} in ${describeName(source)} for ${wanted.length}`,
    );
  }
  const deleted = await session.change(target, `DELETE FROM ${quoteTable(target)} USING ${from} WHERE ${condition}`);
  return deleted + (await session.add(target, `INSERT INTO ${quoteTable(target)} SELECT DISTINCT * FROM ${quoteTable(source)}`));
}

/** DuckDB would silently keep the last of several source rows. */
async function refuseSeveralMatches(target: TableName, from: string, condition: string, session: Session): Promise<void> {
  const { rows } = await session.read(
    `SELECT 1 FROM ${quoteTable(target)} JOIN ${from} ON ${condition} GROUP BY ${quoteTable(target)}.rowid HAVING count(*) > 1 LIMIT 1`,
  );
  if (rows.length > 0) throw new SqlError('Found multiple matches to update the same tuple.');
}

function refuseUnequal(on: readonly Token[]): void {
  const plain = on.filter((token) => !isSymbol(token, '(') && !isSymbol(token, ')'));
  const cursor = new Cursor(plain);
  do {
    column(cursor);
    if (!isSymbol(cursor.peek(), '=')) throw refused('a MERGE condition other than equal columns', 'use ON target.a = source.a AND ...');
    cursor.expectSymbol('=');
    column(cursor);
  } while (cursor.accept('and'));
  if (!cursor.done) throw refused('a MERGE condition other than equal columns', 'use ON target.a = source.a AND ...');
}

function column(cursor: Cursor): void {
  cursor.name();
  while (cursor.acceptSymbol('.')) cursor.name();
}
