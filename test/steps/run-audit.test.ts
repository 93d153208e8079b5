import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration } from 'aws-cdk-lib';
import { AuditedStack } from '../../examples/audited/stack';
import { Incremental, LambdaClean, LoadMode, RdsExtract, RedshiftLoad, RunAudit, SnsNotify } from '../../lib';
import { VirtualClock } from '../../lib/engine';
import { runLocal } from '../../lib/local/run';
import type { Dataset } from '../../lib/runtime/contract';
import { aslOf, proveAlerts, simulate } from '../../lib/testing';
import { Bench, loadedRows, synthesize } from '../local/support';
import { testStack } from '../support/app';
import { existing } from '../support/existing';

jest.setTimeout(180_000);

const { context } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
const stack = new AuditedStack(new App({ context }), 'Audited');

interface FinishArguments {
  readonly Payload: { readonly dataset: Dataset };
}

/** A clean step that says so of its rows. */
const cleaned = (changed: object) => ({
  'Clean: Finish': (args: unknown) => {
    const { dataset } = (args as FinishArguments).Payload;
    const counts = { extracted: 10, cleaned: 7, rejected: 2, deduplicated: 1, ...changed };
    return { Payload: { ...dataset, manifest: 's3://bucket/cleaned/manifest.json', format: 'jsonl', recordCount: 10, counts } };
  },
});

test.each([
  [{ rejected: 1 }, 'extracted, and cleaned with rejected and deduplicated: 10 and 9'],
  [{ converted: 6 }, 'cleaned and converted: 7 and 6'],
  [{}, 'what was to load and what was loaded: 7 and 10'],
])('counts that do not meet fail the run before the commit, once and with both numbers: %j', async (changed, told) => {
  const run = await simulate(aslOf(stack), { rows: 10, handlers: cleaned(changed) });
  expect(run.cause).toContain(told);
  expect(run).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  expect(run.attempts['Audit: Report']).toHaveLength(1);
  expect(run.attempts['Extract: Commit']).toBeUndefined();
});

test('fails for a table name that is none', () => {
  const other = testStack();
  expect(() => new RunAudit(other, 'Audit', { warehouse: existing(other).warehouse, table: 'a.b.c' })).toThrow('it has 3 parts');
});

test('every way in which the audited pipeline can fail is told of once', async () => {
  await proveAlerts(stack);
});

test('a run leaves an object and a row, a run without rows too', async () => {
  const bench = await Bench.open(`
    CREATE TABLE items (id integer PRIMARY KEY, value text, updated_at timestamp NOT NULL);
    INSERT INTO items SELECT n, n::text, now() AT TIME ZONE 'UTC' - interval '1 hour' FROM generate_series(1, 5) n`);
  try {
    const out = bench.newFolder();
    const deployment = synthesize(join(out, 'cdk.out'), ({ stack, source, warehouse, topic }) => {
      const incremental = Incremental.by('updated_at', { lag: Duration.seconds(0) });
      const extract = new RdsExtract(stack, 'Extract', { source, table: 'items', incremental });
      const load = new RedshiftLoad(stack, 'Load', { warehouse, table: 'analytics.loaded', mode: LoadMode.upsert('id') });
      const loaded = extract.next(new LambdaClean(stack, 'Clean')).next(load.skipWhenEmpty());
      const audited = loaded.next(new RunAudit(stack, 'Audit', { warehouse }));
      return audited.next(extract.commit()).next(new SnsNotify(stack, 'Notify', { topic }));
    });
    const run = () => runLocal({ deployment, source: bench.db, clock: new VirtualClock(Date.now()), out });
    const [first, second] = [await run(), await run()];
    expect([first.cause, second.cause]).toEqual([undefined, undefined]);
    const rows = (await loadedRows(out, 'analytics.run_audits', 'started_at'))!;
    expect(rows).toMatchObject([{ run_id: first.runId, dataset: 'items', window_low: null, converted: null }, { run_id: second.runId }]);
    expect(rows.map(({ extracted, cleaned, rejected, loaded }) => [extracted, cleaned, rejected, loaded].map(Number))).toEqual([
      [5, 5, 0, 5],
      [0, 0, 0, 0],
    ]);
    expect(rows[1]!.window_low).toBe(rows[0]!.window_high);
    expect(rows[0]!.schema_version).toMatch(/^[0-9a-f]{64}$/);
    expect(rows[1]!.schema_version).toBe(rows[0]!.schema_version);

    const reports = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) => /audits\/.*\.json$/.test(path));
    expect(reports).toHaveLength(2);
    const report = JSON.parse(readFileSync(join(out, reports.find((path) => path.includes(first.runId))!), 'utf8'));
    const counts = { extracted: 5, cleaned: 5, rejected: 0, deduplicated: 0, loaded: 5 };
    expect(report).toMatchObject({ run: first.runId, dataset: 'items', counts, schemaVersion: rows[0]!.schema_version });
  } finally {
    await bench.close();
  }
});
