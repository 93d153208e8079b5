import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Pass } from 'aws-cdk-lib/aws-stepfunctions';
import { buildSync } from 'esbuild';
import { CleanRule, GlueParquet, LambdaClean, LoadMode, RdsExtract, RedshiftLoad } from '../../lib';
import { demo } from '../../lib/local/demo/main';
import { Bench, type BenchRun, loadedRows } from './support';

jest.setTimeout(180_000);

/** A value that is nowhere but in rows. */
const CANARY = 'Canary5e8f2b';
const ROOT = join(__dirname, '..', '..');

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open(`
    CREATE TABLE birds (id text, species text, code text, weight text, note text, nest text DEFAULT '${CANARY}');
    INSERT INTO birds VALUES
      ('1', 'finch', 'c-1', '1', 'good ${CANARY}'), ('2', 'finch', 'c-2', '2', '${CANARY}'),
      ('3', 'wrong ${CANARY}', 'c-3', '3', NULL), ('${CANARY}', 'finch', 'c-4', '4', NULL), ('5', 'finch', '${CANARY}', '5', NULL),
      ('6', 'finch', 'c-6', '${CANARY}', NULL), ('7', 'finch', 'c-7', '99', '${CANARY}'), ('8', 'finch', 'c-8', '8', repeat('${CANARY}', 6000)),
      ('2', 'finch', 'c-9', '9', 'again ${CANARY}'), (NULL, '${CANARY}', NULL, NULL, '${CANARY}');
    CREATE TABLE nests (id int, note text);
    INSERT INTO nests VALUES (1, '${CANARY}'), (2, '${CANARY}'), (NULL, '${CANARY}');
    CREATE VIEW broken AS SELECT id, note::int AS note FROM nests;`);
});
afterAll(() => bench?.close());

const spellings = [CANARY.toLowerCase(), Buffer.from(CANARY).toString('hex'), Buffer.from(CANARY).toString('base64').slice(2, -4).toLowerCase()];
const seenIn = (text: string) => spellings.some((spelling) => text.toLowerCase().includes(spelling));

/** The files of a run that hold the canary, compressed ones unpacked. */
function filesWithCanary(out: string): string[] {
  return readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (file) =>
        seenIn(file.slice(out.length)) || seenIn((file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file)).toString('latin1')),
    )
    .map((file) => relative(out, file));
}

/** It is in the objects, and neither in what the run tells nor in any other file it left. */
function expectOnlyInData(run: BenchRun): void {
  expect(seenIn(JSON.stringify(run))).toBe(false);
  const files = filesWithCanary(run.out);
  expect(files.some((file) => file.startsWith('s3/'))).toBe(true);
  expect(files.filter((file) => !/^(s3\/|warehouse\.duckdb)/.test(file))).toEqual([]);
}

const RULES = [
  CleanRule.trim(),
  CleanRule.required('id'),
  CleanRule.cast('id', 'integer'),
  CleanRule.cast('weight', 'smallint'),
  CleanRule.allowed('species', 'finch'),
  CleanRule.matches('code', '^c-'),
  CleanRule.range('weight', { max: '10' }),
  CleanRule.cast('note', 'varchar(2000)'),
  CleanRule.unique('id'),
];

describe('a value of a row is in the data alone', () => {
  test('when rows are loaded, partitioned by it, rejected by every rule and deduplicated', async () => {
    const steps = { clean: { rules: RULES }, parquet: { partitionBy: ['nest'] }, mode: LoadMode.upsert('id') };
    const run = await bench.run({ extract: { table: 'birds' }, ...steps });
    expect(run).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 10, cleaned: 2, rejected: 7, deduplicated: 1, loaded: 2 } });
    expectOnlyInData(run);
    expect(seenIn(JSON.stringify(await loadedRows(run.out)))).toBe(true);
  });

  test('when more rows are rejected than may be', async () => {
    const run = await bench.run({ extract: { table: 'birds' }, clean: { rules: RULES, maxRejected: 2 } });
    expect(run).toMatchObject({ status: 'FAILED', error: 'TooManyRejects' });
    expectOnlyInData(run);
  });

  test('when PostgreSQL quotes it in its error', async () => {
    const run = await bench.run({ extract: { table: 'broken' } });
    expect(run).toMatchObject({ status: 'FAILED', error: 'SourceUnavailable' });
    expect(run.cause).toContain('22P02');
    expect(seenIn(JSON.stringify(run))).toBe(false);
    expect(filesWithCanary(run.out)).toEqual([]);
  });

  test('when the load finds rows without a key', async () => {
    const run = await bench.run({ extract: { table: 'nests' }, mode: LoadMode.upsert('id') });
    expect(run.cause).toContain('key check failed: 1 rows');
    expectOnlyInData(run);
  });

  test('when the load counts other rows than the manifest says', async () => {
    const run = await bench.runDefinition(({ stack, source, warehouse }) => {
      const other = Pass.jsonata(stack, 'Miscount', { assign: { dataset: "{% $merge([$dataset, {'recordCount': 4}]) %}" } });
      const load = new RedshiftLoad(stack, 'Load', { warehouse, table: 'analytics.loaded', mode: LoadMode.replace() });
      return new RdsExtract(stack, 'Extract', { source, table: 'nests' }).next(new LambdaClean(stack, 'Clean')).next(other).next(load);
    });
    expect(run.cause).toContain('count check failed: staged 3 rows, the manifest says 4');
    expectOnlyInData(run);
  });

  test.each([
    ['is too short', 'narrow', 'varchar(1)'],
    ['holds numbers', 'numbered', 'int'],
  ])('when the column of the table that is there %s', async (_, table, type) => {
    const out = bench.newFolder();
    await bench.sql(`CREATE TABLE ${table} (id int, note ${type}); INSERT INTO ${table} VALUES (1, NULL)`);
    expect(await bench.run({ extract: { table } }, { out })).toMatchObject({ status: 'SUCCEEDED' });
    const run = await bench.run({ extract: { table: 'nests' } }, { out });
    expect(run).toMatchObject({ status: 'FAILED', error: 'Redshift.StatementFailed' });
    expectOnlyInData(run);
  });
});

describe('a clean function of the user that lets the wrong type through', () => {
  let code: string;
  beforeAll(() => {
    code = join(bench.folder, 'own-clean');
    mkdirSync(code);
    buildSync({
      stdin: {
        resolveDir: ROOT,
        loader: 'ts',
        contents: `
          import { Readable } from 'node:stream';
          import { gzipSync } from 'node:zlib';
          import { partUrl, readManifest } from './lib/runtime/shared/manifest';
          import { uploadStream } from './lib/runtime/shared/s3';
          export async function handler({ dataset, index, output }) {
            const { record_count } = (await readManifest(dataset.manifest)).entries[index].meta;
            const url = partUrl(output, index, 'jsonl.gz');
            const lines = (JSON.stringify({ id: '${CANARY}', note: '${CANARY}' }) + '\\n').repeat(record_count);
            const content_length = await uploadStream(url, Readable.from([gzipSync(lines)]), 'application/gzip');
            return { index, read: record_count, deduplicated: 0, cleaned: { url, mandatory: true, meta: { content_length, record_count } } };
          }`,
      },
      bundle: true,
      platform: 'node',
      outfile: join(code, 'index.js'),
    });
  });

  test.each([
    ['the conversion', true, "'id' integer: 3"],
    ['the load', false, 'column "id", integer: a value does not have the form or range of the type'],
  ])('fails %s without the value', async (_, parquet, says) => {
    const run = await bench.runDefinition(({ stack, source, warehouse }) => {
      const handler = new LambdaFunction(stack, 'Own', { runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code: Code.fromAsset(code) });
      const load = new RedshiftLoad(stack, 'Load', { warehouse, table: 'analytics.loaded', mode: LoadMode.replace() });
      const cleaned = new RdsExtract(stack, 'Extract', { source, table: 'nests' }).next(new LambdaClean(stack, 'Clean', { handler }));
      return (parquet ? cleaned.next(new GlueParquet(stack, 'Parquet')) : cleaned).next(load);
    });
    expect(run.status).toBe('FAILED');
    expect(run.cause!.replaceAll('\\"', '"')).toContain(says);
    expect(seenIn(JSON.stringify(run))).toBe(false);
    // the canary is in the code of this test's function
    const files = filesWithCanary(run.out).filter((file) => !/^(s3\/|warehouse\.duckdb)|^cdk\.out\/asset\.\w+\/index\.js$/.test(file));
    expect(files).toEqual([]);
  });
});

describe('the demo says nothing of a row but in its look at the loaded table', () => {
  const script = () => {
    const file = join(bench.folder, 'birds.sql');
    writeFileSync(
      file,
      [
        'CREATE TABLE birds (id integer PRIMARY KEY, note text, weight numeric(5,2));',
        'COPY birds (id, note, weight) FROM stdin;',
        `1\tgood ${CANARY}\t1.00`,
        `2\trejected ${CANARY}\tNaN`,
        `3\ttoo long ${CANARY.repeat(6000)}\t3.00`,
        '\\.',
      ].join('\n'),
    );
    return file;
  };

  async function run(...argv: string[]): Promise<{ out: string; stdout: string; stderr: string }> {
    const out = bench.newFolder();
    const written = { stdout: '', stderr: '' };
    const to = (name: 'stdout' | 'stderr') => ({
      write: (text: string) => {
        written[name] += text;
      },
    });
    const args = ['--out', out, '--fast', '--source-sql', script(), '--table', 'birds', '--key', 'id', ...argv];
    await demo({ root: ROOT, argv: args, stdout: to('stdout'), stderr: to('stderr'), color: false, abort: new AbortController().signal });
    return { out, ...written };
  }

  test('for people', async () => {
    const { out, stdout, stderr } = await run();
    const [before, look, after] = stdout.split(/^ {2}analytics\.birds, the first 1 of 1 row$|^ {2}Told the team$/m);
    expect(look).toContain('good');
    expect(seenIn(look!.replaceAll(/\s/g, ''))).toBe(true);
    expect(`${before}${after}${stderr}`).toContain('SUCCEEDED');
    expect(seenIn(`${before}${after}${stderr}`)).toBe(false);
    expect(filesWithCanary(out).filter((file) => !/^(s3\/|warehouse\.duckdb)/.test(file))).toEqual([]);
  });

  test('with --json, succeeded or failed', async () => {
    for (const [fault, loaded] of [
      [[], 1],
      [['--fail', 'Load:3'], 0],
    ] as const) {
      const { out, stdout, stderr } = await run('--json', ...fault);
      expect(JSON.parse(stdout).counts).toEqual({ extracted: 3, cleaned: 1, rejected: 2, deduplicated: 0, converted: 1, loaded });
      expect(seenIn(stdout + stderr)).toBe(false);
      expect(filesWithCanary(out).filter((file) => !/^(s3\/|warehouse\.duckdb)/.test(file))).toEqual([]);
    }
  });
});
