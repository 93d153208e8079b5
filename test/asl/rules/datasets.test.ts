import type { Format } from '../../../lib/runtime/contract';
import { broken, catching, choice, distributed, machine, map, parallel, pass, step, succeed, task } from '../support';

const extract = (fields = {}, more = {}) => task({ ...step('Extract', { entry: true, writes: 'copy-text', ...fields }), ...more });
const converting = (name: string, from: Format, to: Format, fields = {}) => task(step(name, { entry: true, reads: [from], writes: to, ...fields }));
const load = (fields = {}) => task(step('Load', { entry: true, reads: ['parquet', 'jsonl'], ...fields }));
const CLEAN = converting('Clean', 'copy-text', 'jsonl');
const PARQUET = converting('Parquet', 'jsonl', 'parquet');

test('steps that fit each other are in order', () => {
  expect(broken('datasets', machine({ A: extract(), B: CLEAN, C: PARQUET, D: load() }))).toEqual([]);
  expect(broken('datasets', machine({ A: extract(), B: CLEAN, D: load() }))).toEqual([]);
});

test('a step that cannot read what it gets is refused, with the step to put before it', () => {
  expect(broken('datasets', machine({ A: extract(), D: load() }))).toEqual([
    "error D: step 'Load' reads parquet or jsonl, but gets copy-text from step 'Extract'; put LambdaClean before it",
  ]);
  expect(broken('datasets', machine({ A: extract(), B: CLEAN, D: load({ reads: ['parquet'] }) }))).toEqual([
    expect.stringContaining("gets jsonl from step 'Clean'; put GlueParquet before it"),
  ]);
  expect(broken('datasets', machine({ A: extract(), D: load({ reads: ['parquet'] }) }))).toEqual([
    expect.stringContaining('put LambdaClean and GlueParquet before it'),
  ]);
  expect(broken('datasets', machine({ A: extract(), B: CLEAN, C: PARQUET, D: converting('Again', 'jsonl', 'parquet') }))).toEqual([
    "error D: step 'Again' reads jsonl, but gets parquet from step 'Parquet'; no step makes jsonl of it; join this step further up",
  ]);
});

test('a step that no dataset reaches is refused', () => {
  expect(broken('datasets', machine({ A: pass(), D: load() }))).toEqual([
    "error D: step 'Load' reads parquet or jsonl, but no dataset reaches it; put RdsExtract before it",
  ]);
});

test('every way counts, and each wrong dataset is told once', () => {
  const asl = machine({ A: extract(), B: choice({ '1 = 1': 'C' }, 'D'), C: CLEAN, D: load() });
  expect(broken('datasets', asl)).toEqual([expect.stringContaining('gets copy-text from step')]);
});

test('what a failed state would have written does not arrive', () => {
  const asl = machine({ A: extract({}, catching('C', 'Empty')), B: succeed(), C: CLEAN });
  expect(broken('datasets', asl)).toEqual([expect.stringContaining("step 'Clean' reads copy-text, but no dataset reaches it")]);
});

test('datasets flow into branches and iterations, and not out of them', () => {
  expect(
    broken('datasets', machine({ A: extract(), B: parallel([{ C: CLEAN, D: load() }]), E: map({ F: converting('Part', 'copy-text', 'jsonl') }) })),
  ).toEqual([]);
  expect(broken('datasets', machine({ A: extract(), B: parallel([{ C: CLEAN }]), D: load() }))).toEqual([expect.stringContaining('gets copy-text')]);
  expect(broken('datasets', machine({ A: extract(), B: distributed({ C: CLEAN }) }))).toEqual([expect.stringContaining('no dataset reaches it')]);
});

test("a dataset that a user's own state assigns is taken on trust", () => {
  expect(broken('datasets', machine({ A: pass({ Assign: { dataset: {} } }), D: load() }))).toEqual([]);
});

test('a step that takes no dataset is not judged', () => {
  expect(broken('datasets', machine({ A: task(step('Notify', { entry: true })) }))).toEqual([]);
});

test('steps with different buckets are refused, wherever in the step the bucket is named', () => {
  const asl = (bucket?: string) =>
    machine({
      A: extract({ bucket: 'one' }),
      B: task(step('Clean', { entry: true, reads: ['copy-text'], bucket })),
      C: task(step('Clean', { writes: 'jsonl' })),
      D: load({ bucket: 'one' }),
    });
  expect(broken('datasets', asl('one'))).toEqual([]);
  expect(broken('datasets', asl())).toEqual([]);
  expect(broken('datasets', asl('two'))).toEqual([
    "error B: step 'Clean' reads from another bucket than step 'Extract' writes to; give both the same bucket",
    "error D: step 'Load' reads from another bucket than step 'Clean' writes to; give both the same bucket",
  ]);
});

describe('a load that appends', () => {
  const append = load({ needsWindow: true });
  const opening = (opens?: string) => ({ A: task(step('Extract', { entry: true, opens })), B: task(step('Extract', { writes: 'copy-text' })) });

  test('takes what was extracted by window, cleaned or not', () => {
    expect(broken('datasets', machine({ ...opening('orders'), C: CLEAN, D: append }))).toEqual([]);
  });

  test('refuses everything else', () => {
    const refused = (from: string) => [
      expect.stringContaining(
        `error D: step 'Load' appends or deletes, which may only be repeated for a window, but the dataset from ${from} has none`,
      ),
    ];
    expect(broken('datasets', machine({ ...opening(), C: CLEAN, D: append }))).toEqual(refused("step 'Clean'"));
    expect(broken('datasets', machine({ A: pass({ Assign: { dataset: {} } }), D: append }))).toEqual(refused('a state that is no step'));
    expect(broken('datasets', machine({ ...opening('orders'), A2: extract({ path: 'App/Other', step: 'Other' }), C: CLEAN, D: append }))).toEqual(
      refused("step 'Clean'"),
    );
  });
});
