import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { clientConfig, type LocalPostgres, startPostgres } from '../../lib/local/postgres';
import { loadSqlScript } from '../../lib/local/sql-script';

jest.setTimeout(60_000);
const folder = mkdtempSync(path.join(tmpdir(), 'sql-script-'));
chmodSync(folder, 0o755);
let db: LocalPostgres;
let client: Client;

beforeAll(async () => {
  db = await startPostgres({ dataDir: path.join(folder, 'pg'), tls: true });
  client = new Client(clientConfig(db));
  await client.connect();
});
beforeEach(() => client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));
afterAll(async () => {
  await client.end();
  await db.stop();
  rmSync(folder, { recursive: true, force: true });
});

function load(script: string | Buffer) {
  const file = path.join(folder, 'script.sql');
  writeFileSync(file, script);
  return loadSqlScript(db, file);
}
const rows = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows;
const message = async (script: string | Buffer) =>
  load(script).then(
    () => 'no error',
    (error: Error) => error.message,
  );

test('what pg_dump writes loads: settings, COPY data, functions, sequences, owners and grants of roles that are not here', async () => {
  const { warnings } = await load(`--
-- PostgreSQL database dump
--

\\restrict abcDEF123

-- Dumped from database version 16.4
SET statement_timeout = 0;
SET transaction_timeout = 0;
SET setting_of_the_future = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;

CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO rds_owner;
COMMENT ON SCHEMA public IS 'standard; public schema';
CREATE EXTENSION IF NOT EXISTS pglogical WITH SCHEMA public;
COMMENT ON EXTENSION pglogical IS 'x';
CREATE ROLE app; ALTER ROLE postgres PASSWORD 'lock-out';

CREATE FUNCTION public.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
BEGIN
  NEW.note := 'touched; $$ ' || $1; -- it's; fine
  RETURN NEW;
END;
$_$;
ALTER FUNCTION public.touch() OWNER TO rds_owner;
CREATE FUNCTION public.twice(n integer) RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT CASE WHEN (n > 0) THEN (n * 2) ELSE 0 END;
 SELECT (n * 2);
END;

CREATE TABLE public.orders (
    id integer NOT NULL,
    note text DEFAULT 'a;b'::text,
    "odd;""name" text
);
ALTER TABLE public.orders OWNER TO rds_owner;
CREATE RULE keep AS ON DELETE TO public.orders DO INSTEAD (SELECT 1; SELECT 2);

COPY public.orders (id, note, "odd;""name") FROM stdin;
1\ttab\\there; and 'quote\t\\N
2\t\tline\\nbreak
3\t\\\\.\t-- no comment
4\t漢字 😀 $$\t/* no comment
\\.

COPY public.orders (id, note) FROM stdin WITH (FORMAT csv);
5,"a
b"
\\.

CREATE SEQUENCE public.orders_id_seq OWNED BY public.orders.id;
SELECT pg_catalog.setval('public.orders_id_seq', 5, true);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
GRANT SELECT ON TABLE public.orders TO reporting;
ALTER DEFAULT PRIVILEGES FOR ROLE rds_owner IN SCHEMA public GRANT SELECT ON TABLES TO reporting;

\\unrestrict abcDEF123
`);
  expect(await rows('SELECT * FROM orders ORDER BY id')).toEqual([
    [1, "tab\there; and 'quote", null],
    [2, '', 'line\nbreak'],
    [3, '\\.', '-- no comment'],
    [4, '漢字 😀 $$', '/* no comment'],
    [5, 'a\nb', null],
  ]);
  expect(await rows('SELECT twice(21)')).toEqual([[42]]);
  expect(warnings.map((warning) => warning.replace(/ was left out;.*/, ''))).toEqual([
    "line 10: 'SET setting_of_the_future'",
    "line 16: 'CREATE SCHEMA public'",
    "line 17: 'ALTER SCHEMA public OWNER TO rds_owner'",
    "line 19: 'CREATE EXTENSION IF NOT EXISTS pglogical WITH SCHEMA public'",
    "line 20: 'COMMENT ON EXTENSION pglogical IS'",
    "line 21: 'CREATE ROLE app'",
    "line 21: 'ALTER ROLE postgres PASSWORD'",
    "line 31: 'ALTER FUNCTION public.touch'",
    "line 44: 'ALTER TABLE public.orders OWNER TO rds_owner'",
    "line 63: 'GRANT SELECT ON TABLE public.orders TO reporting'",
    "line 64: 'ALTER DEFAULT PRIVILEGES FOR ROLE rds_owner IN SCHEMA public GRANT SELECT ON TAB...'",
  ]);
  const again = new Client(clientConfig(db));
  await again.connect();
  await again.end();
});

test('what people write loads: comments, quotes of every kind, several statements a line, psql commands, no last semicolon', async () => {
  const { statements } = await load(`\ufeff\\set ON_ERROR_STOP on
\\echo 'loading; please wait'
\\c other;
/* a block; /* nested; */ still */ CREATE TABLE t (n int, s text); -- trailing; comment
INSERT INTO t VALUES (1, 'it''s; -- fine'), (2, E'it\\'s; fine'), (3, E'\\\\'), (4, 'back\\'), (5, $x$a;'$$b$x$);
;;
INSERT INTO t VALUES (6, 'line one;
line two -- no comment'); INSERT INTO t SELECT 7, "s;" FROM (SELECT 'q' AS "s;") AS a$b;
INSERT INTO t VALUES (8, U&'\\0441') \\g
BEGIN; ALTER TABLE t OWNER TO nobody_here; INSERT INTO t VALUES (9, 'kept'); COMMIT;
SET standard_conforming_strings = off;
INSERT INTO t VALUES (10, 'old\\'s; style');
SET standard_conforming_strings = on;
INSERT INTO t VALUES (11, 'last')`);
  expect(await rows('SELECT s FROM t ORDER BY n')).toEqual(
    ["it's; -- fine", "it's; fine", '\\', 'back\\', "a;'$$b", 'line one;\nline two -- no comment', 'q', 'с', 'kept', "old's; style", 'last'].map(
      (s) => [s],
    ),
  );
  expect(statements).toBe(12);
});

test('lines that end as on Windows, and a script that ends with \\q, load', async () => {
  await load("CREATE TABLE t (n int, s text);\r\nCOPY t FROM stdin;\r\n1\ta\r\n2\t\\N\r\n\\.\r\nINSERT INTO t VALUES (3, 'c');\r\n\\q\r\nnonsense;");
  expect(await rows('SELECT * FROM t ORDER BY n')).toEqual([
    [1, 'a'],
    [2, null],
    [3, 'c'],
  ]);
});

test('statements and data that cross the borders of reads come out whole', async () => {
  const lines = Array.from({ length: 60_000 }, (_, n) => `${n}\tünïcode-${n}`);
  const text = 'x;😀'.repeat(200_000);
  await load(`CREATE TABLE t (n int, s text);\nCOPY t FROM stdin;\n${lines.join('\n')}\n\\.\nINSERT INTO t VALUES (-1, '${text}');\n`);
  expect(await rows(`SELECT count(*)::int, count(*) FILTER (WHERE s = 'ünïcode-' || n)::int FROM t WHERE n >= 0`)).toEqual([[60_000, 60_000]]);
  expect(await rows('SELECT s FROM t WHERE n = -1')).toEqual([[text]]);
});

describe('an error names the line and the beginning of the statement, and no value', () => {
  const CANARY = 'canary51';

  test.each([
    [
      'an unknown table',
      `SELECT 1;\n\nINSERT INTO absent\nVALUES ('${CANARY}');`,
      `line 3: 'INSERT INTO absent' failed with SQLSTATE 42P01: relation "absent" does not exist`,
    ],
    ['a syntax error, on its own line', `SELECT 1,\n  2,\n  3 '${CANARY}';`, "line 3: syntax error in 'SELECT'"],
    [
      'a value that does not fit',
      `CREATE TABLE t (n int);\nINSERT INTO t VALUES ('${CANARY}');`,
      "line 2: 'INSERT INTO t' failed with SQLSTATE 22P02: a value does not fit its type",
    ],
    [
      'a broken constraint',
      `CREATE TABLE t (n text CONSTRAINT one UNIQUE);\nINSERT INTO t VALUES ('${CANARY}'),\n('${CANARY}');`,
      "line 2: 'INSERT INTO t' failed with SQLSTATE 23505: a row violates the constraint 'one'",
    ],
    ['an error raised', `\nDO $$ BEGIN RAISE '${CANARY}'; END $$;`, "line 2: 'DO' failed with SQLSTATE P0001: the database refused it"],
    [
      'a bad line of COPY data',
      `CREATE TABLE t (n int);\nCOPY t FROM stdin;\n1\n2\n${CANARY}\n4\n\\.\n`,
      "line 5: 'COPY t FROM stdin' failed with SQLSTATE 22P02: a value does not fit its type",
    ],
    [
      'COPY into a table that is not there',
      `COPY absent FROM stdin;\n${CANARY}\n\\.\n`,
      `line 1: 'COPY absent FROM stdin' failed with SQLSTATE 42P01`,
    ],
    [
      'COPY data cut off',
      `CREATE TABLE t (s text);\nCOPY t FROM stdin;\n${CANARY}\n`,
      'line 2: the script ends within the data of this COPY; it was cut off',
    ],
    ['a text cut off', `SELECT 1;\nSELECT '${CANARY}\n`, 'line 2: the script ends within the text that begins here'],
    ['a comment cut off', `SELECT 1; /* ${CANARY}`, 'line 1: the script ends within the comment that begins here'],
    ['a dollar quote cut off', `\nDO $a$ ${CANARY} $$`, 'line 2: the script ends within the dollar quoted text that begins here'],
    [
      'a command that would load more',
      `\\i ${CANARY}.sql`,
      "line 1: the psql command '\\i' is not supported; put what it does into the script as SQL",
    ],
    ['another encoding', `SET client_encoding = 'LATIN1';`, "line 1: the script says that it is in 'LATIN1'; convert it to UTF-8"],
  ])('%s', async (_, script, expected) => {
    const text = await message(script);
    expect(text).toContain(expected);
    expect(text).not.toContain(CANARY);
  });

  test('bytes that are not UTF-8', async () => {
    expect(await message(Buffer.from("SELECT 1;\nSELECT 'caf\xe9';", 'latin1'))).toContain('line 2: the script is not UTF-8; convert it');
  });

  test('a file that is not there', async () => {
    await expect(loadSqlScript(db, path.join(folder, 'absent.sql'))).rejects.toThrow(/script '.*absent.sql': ENOENT/);
  });
});
