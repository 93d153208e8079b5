import { pipeline } from 'node:stream/promises';
import type { Client, DatabaseError } from 'pg';
import { clientConfig, type LocalPostgres } from './postgres';
import { readLines } from './sql-lines';
import { type ScriptItem, SqlScanner } from './sql-scanner';
import { isIgnoredCommand, isSkipped, mayFail, whyTolerated } from './sql-tolerance';

/** What became of a script. */
export interface LoadedScript {
  /** Statements that ran. */
  readonly statements: number;
  /** What was left out, each with its line: roles and grants of the server the script comes from, databases, settings of another version. */
  readonly warnings: readonly string[];
}

type Statement = Extract<ScriptItem, { kind: 'statement' }>;
type Command = Extract<ScriptItem, { kind: 'command' }>;

const COPY_FROM_STDIN = /^COPY\b.*\bFROM STDIN\b/i;
const COPY_BYTES = 64 * 1024;

/**
 * Runs an SQL script as `psql -f` would, in one session: what pg_dump writes (with `COPY ... FROM stdin` and its data) and what people write.
 * Everything goes into the one local database, whatever the script connects to. The first error that matters ends it, named with its line; a script is
 * read as a stream.
 */
export async function loadSqlScript(db: Omit<LocalPostgres, 'stop'>, file: string): Promise<LoadedScript> {
  const pg = await import('pg').catch(() => {
    throw new Error("loading an SQL script needs the packages 'pg' and 'pg-copy-streams', which are not installed; run: npm i -D pg pg-copy-streams");
  });
  const client = new pg.Client(clientConfig(db));
  client.on('error', () => {});
  await client.connect();
  try {
    return await runScript(client, new SqlScanner(readLines(file)));
  } catch (error) {
    throw new Error(`script '${file}': ${(error as Error).message}`);
  } finally {
    await client.end();
  }
}

async function runScript(client: Client, scanner: SqlScanner): Promise<LoadedScript> {
  const warnings: string[] = [];
  let statements = 0;
  for (let item = await scanner.next(); item; item = await scanner.next()) {
    if (item.kind === 'command') {
      if (item.name === 'q') break;
      const warning = heed(item);
      if (warning) warnings.push(warning);
    } else if (isSkipped(item.outline)) {
      warnings.push(`line ${item.line}: ${start(item)} was left out; everything goes into the one local database`);
    } else if (COPY_FROM_STDIN.test(item.outline)) {
      await copy(client, scanner, item);
      statements++;
    } else {
      const warning = await run(client, scanner, item);
      if (warning) warnings.push(warning);
      else statements++;
    }
  }
  return { statements, warnings };
}

/** Answers a warning when the statement failed and that does not matter. */
async function run(client: Client, scanner: SqlScanner, statement: Statement): Promise<string | undefined> {
  heedSettings(scanner, statement);
  const guarded = client.getTransactionStatus() === 'T' && mayFail(statement.outline);
  try {
    if (guarded) await client.query('SAVEPOINT script_statement');
    await client.query(statement.text);
    if (guarded) await client.query('RELEASE SAVEPOINT script_statement');
    return undefined;
  } catch (error) {
    const why = whyTolerated(statement.outline, (error as DatabaseError).code);
    if (!why) throw failed(statement, error as DatabaseError);
    if (guarded) await client.query('ROLLBACK TO SAVEPOINT script_statement');
    return `line ${statement.line}: ${start(statement)} was left out; ${why}`;
  }
}

async function copy(client: Client, scanner: SqlScanner, statement: Statement): Promise<void> {
  const { from } = await import('pg-copy-streams');
  const firstLine = scanner.lastLine + 1;
  let unreadable: Error | undefined;
  async function* data(): AsyncGenerator<Buffer> {
    let lines: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const line of scanner.copyData()) {
        lines.push(line);
        bytes += line.length;
        if (bytes < COPY_BYTES) continue;
        yield Buffer.concat(lines, bytes);
        lines = [];
        bytes = 0;
      }
    } catch (error) {
      unreadable = error as Error;
      throw error;
    }
    if (bytes > 0) yield Buffer.concat(lines, bytes);
  }
  try {
    await pipeline(data, client.query(from(statement.text)));
  } catch (error) {
    if (unreadable) throw unreadable;
    // of what PostgreSQL says where it was, all but the number of the line may be the value of a row
    const row = /, line (\d+)/.exec((error as DatabaseError).where ?? '')?.[1];
    throw failed(row ? { ...statement, line: firstLine + Number(row) - 1 } : statement, error as DatabaseError);
  }
}

/** Follows the settings that decide how the rest of the script is to be read. */
function heedSettings(scanner: SqlScanner, { line, text, outline }: Statement): void {
  if (!/^SET /i.test(outline)) return;
  const strings = /^SET\s+standard_conforming_strings\s*(?:=|TO)\s*'?(\w+)/i.exec(text)?.[1];
  if (strings) scanner.standardStrings = !/^(off|false|no|0)$/i.test(strings);
  const encoding = /^SET\s+(?:client_encoding\s*(?:=|TO)|NAMES)\s*'?([\w-]+)/i.exec(text)?.[1];
  if (encoding) requireUtf8(line, encoding);
}

/** Answers a warning about a command to psql that was left out; one that would change what is loaded is an error. */
function heed({ line, name, argument }: Command): string | undefined {
  if (name === 'encoding' && argument) requireUtf8(line, argument);
  if (isIgnoredCommand(name)) return undefined;
  if (name.startsWith('!')) return `line ${line}: the shell command was left out`;
  throw new Error(`line ${line}: the psql command '\\${name}' is not supported; put what it does into the script as SQL, or remove it`);
}

function requireUtf8(line: number, encoding: string): void {
  if (/^(utf-?8|unicode)$/i.test(encoding.replaceAll("'", ''))) return;
  throw new Error(`line ${line}: the script says that it is in '${encoding}'; convert it to UTF-8 (iconv) and change this line to UTF8`);
}

/** Errors of these classes name objects; the others quote values of rows. */
const SAFE = /^(0A|2B|2F|3D|3F|42|55)/;

function failed(statement: Statement, error: DatabaseError): Error {
  const { severity, code = '', message, position, constraint } = error;
  if (!severity) return new Error(`line ${statement.line}: ${start(statement)} failed: ${message}`);
  if (code === '42601') {
    const line = statement.line + statement.text.slice(0, Number(position ?? 1) - 1).split('\n').length - 1;
    return new Error(`line ${line}: syntax error in ${start(statement)}; PostgreSQL cannot read it, correct the script`);
  }
  return new Error(
    `line ${statement.line}: ${start(statement)} failed with SQLSTATE ${code}: ${SAFE.test(code) ? message : unsafe(code, constraint)}`,
  );
}

function unsafe(code: string, constraint: string | undefined): string {
  if (constraint) return `a row violates the constraint '${constraint}'`;
  return code.startsWith('22') ? 'a value does not fit its type' : 'the database refused it';
}

/** How a statement begins, for messages: short of anything that may be a value. */
function start({ outline }: Statement): string {
  const head = outline.split(/[(=']|\b(VALUES|WHERE)\b|\b\d/i)[0]!.trim() || outline.split(' ')[0]!;
  return `'${head.length > 80 ? `${head.slice(0, 80)}...` : head}'`;
}
