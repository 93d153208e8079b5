import { LiveStates } from '../../../lib/local/demo/live';
import { report } from '../../../lib/local/demo/report';
import { count, counted, duration, plain, table } from '../../../lib/local/demo/text';
import type { StateProgress } from '../../../lib/local/progress';
import type { LocalRun } from '../../../lib/local/run';

const run: LocalRun = {
  status: 'SUCCEEDED',
  runId: 'local-1',
  states: [],
  transitions: 18,
  counts: { extracted: 10_000, cleaned: 9_100, rejected: 800, deduplicated: 100, converted: 9_100, loaded: 9_100 },
  alerts: [],
  notifications: [{ subject: 'OK Orders: 9100 rows', message: 'Loaded.' }],
  dataset: {
    name: 'orders',
    manifest: 's3://data/work/run/Parquet/0/manifest.json',
    format: 'parquet',
    recordCount: 9_100,
    parts: 1,
    columns: [],
    counts: { rejected: 800 },
    rejects: 's3://data/rejects/run/manifest.json',
  },
  ms: 65_000,
};
const findings = {
  out: '/tmp/x',
  virtual: false,
  rejects: [['required order_id', 500] as const, ['cast total', 300] as const],
  loaded: { table: 'analytics.orders', rows: 9_100, sample: [{ order_id: '1', note: null }] },
  again: 'npm run demo -- --out /tmp/x',
};

test('a report of a run that succeeded has the counts, reasons, the table and where everything lies', () => {
  expect(report(run, findings, plain)).toMatchInlineSnapshot(`
"
  SUCCEEDED after 1 min 5 s, 18 state transitions

  Counts
    extracted     10,000
    cleaned        9,100
    rejected         800
                     500  required order_id
                     300  cast total
    deduplicated     100
    converted      9,100
    loaded         9,100

  analytics.orders, the first 1 of 9,100 rows
    order_id  note
           1  NULL

  Told the team
    OK Orders: 9100 rows

  Where it lies: /tmp/x
    parquet    s3/data/work/run/Parquet/0
    rejects    s3/data/rejects/run, each row with its reason
    warehouse  warehouse.duckdb, open it with: duckdb /tmp/x/warehouse.duckdb
    history    history.json
    messages   sns.jsonl

  Run again
    npm run demo -- --out /tmp/x
    or, once a rule is mended, clean the rejected rows again:
    npm run demo -- --out /tmp/x --replay-rejects local-1
"
`);
});

test('a report of a run that failed has the alert as it was sent and what to type next', () => {
  const failed: LocalRun = {
    ...run,
    status: 'FAILED',
    error: 'Injected.Fault',
    counts: { extracted: 10_000 },
    dataset: undefined,
    alerts: [{ subject: 'FAILED Load', message: 'Error: Injected.Fault\nRun: local-1' }],
    notifications: [],
  };
  expect(report(failed, { ...findings, rejects: [], loaded: undefined }, plain)).toMatchInlineSnapshot(`
"
  FAILED after 1 min 5 s, 18 state transitions

  Counts
    extracted     10,000

  Alert, as it was sent
    FAILED Load
    
    Error: Injected.Fault
    Run: local-1

  Where it lies: /tmp/x
    history    history.json
    messages   sns.jsonl

  What next
    Injected.Fault: mend the cause, then run again; it goes on with the same warehouse and watermark, and every step may safely run twice:
    npm run demo -- --out /tmp/x
"
`);
});

test('numbers and durations read as people write them', () => {
  expect(count(1_234_567)).toBe('1,234,567');
  expect([counted(1, 'try', 'tries'), counted(3, 'try', 'tries')]).toEqual(['1 try', '3 tries']);
  expect([duration(0), duration(12_340), duration(125_000)]).toEqual(['0.0 s', '12.3 s', '2 min 5 s']);
});

test('a table aligns numbers to the right, cuts long cells, keeps a row on its line and says which columns did not fit', () => {
  const rows = [
    { id: '7', note: 'two\nlines', long: 'x'.repeat(40), none: null },
    { id: '1234', note: 'b', long: '', none: null },
  ];
  expect(table(rows, 40)).toEqual(['  id  note       long', `   7  two lines  ${'x'.repeat(21)}…`, '1234  b', 'and the columns none']);
});

describe('live states', () => {
  const state = (over: Partial<StateProgress>): StateProgress => ({
    name: 'Load: Submit',
    type: 'Task',
    status: 'running',
    attempts: 1,
    ms: 100,
    ...over,
  });
  const written = (isTTY: boolean, ...frames: StateProgress[][]) => {
    const texts: string[] = [];
    const live = new LiveStates({ isTTY, write: (text) => texts.push(text) }, plain);
    for (const frame of frames) live.show(frame);
    live.end(frames.at(-1)!);
    return texts.join('');
  };

  test('without a terminal: a line when a state is tried again and when it ends, none twice, none for a state that only decides', () => {
    const text = written(
      false,
      [state({})],
      [state({ attempts: 2, error: 'Injected.Fault' })],
      [state({ attempts: 2, error: 'Injected.Fault', ms: 300 })],
      [state({ attempts: 2, error: 'Injected.Fault', status: 'done', rows: 9100 }), state({ name: 'Which?', type: 'Choice', status: 'done' })],
    );
    expect(text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim())).toEqual([
      '… Load: Submit 0.1 s try 2, Injected.Fault',
      '✔ Load: Submit 9,100 rows 0.1 s 2 tries, Injected.Fault',
      '',
    ]);
  });

  test('in a terminal the block is drawn again over itself', () => {
    const text = written(true, [state({})], [state({ status: 'done' })]);
    expect(text).toContain('\x1b[1A\x1b[0J');
    expect(text.trimEnd().split('\n').at(-1)).toContain('✔ Load: Submit');
  });
});

test('a dry run says what it would do, and a failed run that left a checkpoint how to go on', () => {
  const window = { column: 'updated_at', low: null, high: '2026-01-01T00:00:00Z' };
  const output = { dryRun: true, dataset: 'sales.orders', rows: 12, columns: [{ name: 'id' }], window, watermark: null, steps: ['Extract', 'Load'] };
  const dry = report({ ...run, output, counts: {}, notifications: [], dataset: undefined }, { ...findings, loaded: undefined }, plain);
  for (const line of ['sales.orders, 12 rows, 1 column', 'from the beginning to 2026-01-01T00:00:00Z', 'none yet', 'Extract -> Load']) {
    expect(dry.replaceAll(/ {2,}/g, '')).toContain(line);
  }
  const alerts = [{ subject: 'FAILED', message: `Next: aws ... --input '{"resume": "local-1"}'` }];
  const failed = report({ ...run, status: 'FAILED', error: 'Boom', alerts }, { ...findings, loaded: undefined }, plain);
  expect(failed).toContain('npm run demo -- --out /tmp/x --resume local-1');
});
