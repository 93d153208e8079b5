import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demo } from '../../../lib/local/demo/main';
import { sourceOf } from '../../../lib/local/demo/source';
import { objectFile, paths } from '../../../lib/local/paths';
import { openWarehouse } from '../../../lib/local/warehouse';

jest.setTimeout(180_000);

const root = join(__dirname, '..', '..', '..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const to = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const code = await demo({ root, argv, stdout: to('stdout'), stderr: to('stderr'), color: false, abort: new AbortController().signal });
  return { code, ...written };
}

test('a wrong flag ends with 2 and says what is wrong', async () => {
  expect(await run('--speed', '9')).toEqual({ code: 2, stdout: '', stderr: "Unknown option '--speed'; --help lists the flags\n" });
});

test('--help lists the main tasks of the app as it is synthesized', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  for (const line of [
    'Extract  Extract: Run',
    'Clean    Clean: Part',
    'Parquet  Parquet: Convert',
    'Load     Load: Submit',
    'Notify   Notify: Publish',
  ]) {
    expect(stdout).toContain(line);
  }
});

test('a step that does not exist ends with 2 and lists the steps', async () => {
  const { code, stderr } = await run('--out', folder, '--fail', 'Lod');
  expect(code).toBe(2);
  expect(stderr).toContain("no step 'Lod' to fail, the state machine has: Extract, Clean");
});

test('--json prints one object and nothing else, with every key', async () => {
  const { code, stdout, stderr } = await run('--out', folder, '--rows', '100', '--fast', '--json', '--fail', 'Extract:3:My.Error');
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const result = JSON.parse(stdout);
  expect(Object.keys(result)).toEqual(['status', 'runId', 'error', 'cause', 'states', 'transitions', 'counts', 'alerts', 'notifications', 'out']);
  expect(result).toMatchObject({ status: 'FAILED', error: 'My.Error', counts: { extracted: 0, loaded: 0 }, notifications: [], out: folder });
  expect(result.states).toContainEqual({ name: 'Extract: Run', attempts: 3, ms: expect.any(Number) });
  expect(result.alerts).toEqual([{ subject: expect.stringContaining('Extract: Run'), message: expect.stringContaining('My.Error') }]);
});

test('--mermaid prints the run as a diagram and nothing else', async () => {
  const { code, stdout } = await run('--out', folder, '--rows', '100', '--fast', '--mermaid', '--fail', 'Clean:1', '--fail', 'Load:3');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^stateDiagram-v2\n/);
  expect(stdout).toContain('state "Clean: Part (2 tries)" as');
  expect(stdout).toContain('state "Load: Submit (3 tries) FAILED" as');
  expect(stdout).toMatch(/\n {2}class [\w,]+ failed\n$/);
});

test('--replay-rejects cleans what a run rejected again, extracts nothing and loads what the rules take now', async () => {
  const first = JSON.parse((await run('--out', folder, '--rows', '100', '--fast', '--json')).stdout);
  expect(first.counts.rejected).toBeGreaterThan(0);
  const { code, stdout } = await run('--out', folder, '--fast', '--json', '--replay-rejects', first.runId);
  const again = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(again.counts).toMatchObject({ extracted: first.counts.rejected, rejected: first.counts.rejected, loaded: 0 });
  expect(again.states.map(({ name }: { name: string }) => name)).not.toContain('Extract: Run');
  expect(await run('--out', folder, '--replay-rejects', 'nobody')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("there is no run 'nobody'"),
  });
});

test('a table of a script goes through as it is, and people can read what happened', async () => {
  const script = join(folder, 'dump.sql');
  writeFileSync(
    script,
    [
      'CREATE TABLE public.city (id integer PRIMARY KEY, name text, area numeric(10,3));',
      'COPY public.city (id, name, area) FROM stdin;',
      '1\tSão "Paulo"\t1521.110',
      '2\t\t0.500',
      '3\t\\N\t\\N',
      '\\.',
    ].join('\n'),
  );
  const out = join(folder, 'out');
  const { code, stdout, stderr } = await run('--out', out, '--fast', '--source-sql', script, '--table', 'city', '--key', 'id');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('SUCCEEDED');
  expect(stdout).toContain('analytics.city, the first 3 of 3 rows');
  expect(stdout).toContain(`Where it lies: ${out}`);

  const warehouse = await openWarehouse({ file: paths(out).warehouse, resolveS3: (url) => objectFile(out, url) });
  try {
    expect(await warehouse.query('SELECT * FROM analytics.city ORDER BY id')).toEqual([
      { id: 1, name: 'São "Paulo"', area: '1521.110' },
      { id: 2, name: '', area: '0.500' },
      { id: 3, name: null, area: null },
    ]);
  } finally {
    await warehouse.close();
  }
});

test('a folder goes on with the source it began with and refuses another', () => {
  const out = join(folder, 'out');
  expect(sourceOf(out, { rows: 500 })).toEqual({ rows: 500 });
  expect(sourceOf(out, {})).toEqual({ rows: 500 });
  expect(() => sourceOf(out, { rows: 600 })).toThrow(
    `'${out}' already holds runs over 500 generated orders, not over 600 generated orders; use another --out`,
  );
  expect(() => sourceOf(out, { script: 'dump.sql' })).toThrow('already holds runs over 500 generated orders');
  expect(sourceOf(join(folder, 'new'), {})).toEqual({ rows: 10_000 });
});
