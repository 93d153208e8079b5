import { applyPolicies, check, mark, stripMarkers } from '../../lib/asl';
import { ALERT, choice, fail, machine, map, parallel, pass, sdk, step, succeed, TWICE, task, wait } from './support';

/** The shape of a pipeline: extract, clean, load, commit, notify. */
function pipeline() {
  const extract = (fields: object) => step('Extract', { bucket: 'work', ...fields });
  const clean = (fields: object) => step('Clean', { bucket: 'work', ...fields });
  const status = '$states.input.status';
  return applyPolicies(
    machine({
      Watermark: sdk('dynamodb:getItem', { ...extract({ entry: true, opens: 'orders' }), Assign: { low: '{% $states.result.Item.high.S %}' } }),
      Extract: task({
        ...extract({ writes: 'copy-text' }),
        Arguments: { Payload: { low: '{% $low %}' } },
        Assign: { dataset: '{% $states.result.Payload %}' },
      }),
      Clean: map(
        { Part: task({ Arguments: { Payload: { dataset: '{% $dataset %}', index: '{% $states.input %}' } } }) },
        { ...clean({ entry: true, reads: ['copy-text'] }), Items: '{% [0..$dataset.parts - 1] %}' },
      ),
      Finish: task({ ...clean({ writes: 'jsonl' }), Assign: { dataset: '{% $states.result.Payload %}' } }),
      Any: choice({ '$dataset.recordCount > 0': 'Load' }, 'Commit', step('Load', { entry: true, reads: ['parquet', 'jsonl'], needsWindow: true })),
      Load: parallel(
        [
          {
            Begin: pass({ Assign: { delay: 2, token: '{% $uuid() %}' } }),
            Submit: sdk('redshiftdata:batchExecuteStatement', {
              Arguments: { ClientToken: '{% $token %}' },
              Assign: { id: '{% $states.result.Id %}', deadline: '{% $millis() + 7200000 %}' },
            }),
            Wait: wait({ Seconds: '{% $delay %}' }),
            Describe: sdk('redshiftdata:describeStatement', {
              Arguments: { Id: '{% $id %}' },
              Assign: { delay: '{% $min([$delay * 2, 120]) %}' },
              Output: "{% {'status': $states.result.Status} %}",
            }),
            Decide: choice(
              { [`${status} = 'FINISHED'`]: 'Loaded', [`${status} in ['FAILED', 'ABORTED']`]: 'Failed', '$millis() > $deadline': 'Failed' },
              'Wait',
            ),
            Loaded: succeed(),
            Failed: fail('Load.Failed'),
          },
        ],
        step('Load', { raises: ['Load.Failed'] }),
      ),
      Commit: sdk('dynamodb:updateItem', { ...extract({ commits: 'orders' }), Arguments: { high: '{% $dataset.window.high %}' } }),
      Notify: task(step('Notify', { entry: true })),
    }),
    { retry: TWICE, alert: ALERT },
  );
}

const OPTIONS = { retry: TWICE, alert: ALERT, actions: ['redshift-data:BatchExecuteStatement'] };

type Fields = Record<string, unknown>;

/** Every copy of the machine that lacks one member, wherever it is in the JSON, for which `pick` says so; with the path of that member. */
function without(asl: object, pick: (key: string, value: unknown, path: string) => boolean): [string, ReturnType<typeof pipeline>][] {
  const found: string[][] = [];
  const search = (value: unknown, path: string[]): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      const at = [...path, key];
      if (pick(key, member, at.join('.'))) found.push(at);
      search(member, at);
    }
  };
  search(asl, []);
  return found.map((path) => {
    const copy = JSON.parse(JSON.stringify(asl));
    const parent = path.slice(0, -1).reduce((value: Fields, key) => value[key] as Fields, copy);
    if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
    else delete parent[path.at(-1)!];
    return [path.join('.'), copy];
  });
}

test('a pipeline as it should be has no violation, with markers and without, after a JSON round trip', () => {
  expect(check(pipeline(), OPTIONS)).toEqual([]);
  expect(check(stripMarkers(JSON.parse(JSON.stringify(pipeline()))), OPTIONS)).toEqual([]);
});

describe.each([
  ['any Retry', (key: string) => key === 'Retry'],
  ['any retrier with attempts', (_: string, value: unknown, path: string) => path.includes('Retry.') && (value as Fields)?.MaxAttempts === 2],
  ['any Catch', (key: string) => key === 'Catch'],
  ['any assigned variable', (_: string, __: unknown, path: string) => /(Extract\.Assign\.dataset|Assign\.(low|token|id|failure))$/.test(path)],
  [
    'any rule of the status',
    (_: string, value: unknown) => typeof value === 'object' && JSON.stringify(value).startsWith('{"Condition":"{% $states.input.status'),
  ],
])('without %s', (_, pick) => {
  test.each(without(pipeline(), pick))('(%s) it has one', (_path, asl) => {
    expect(check(asl, OPTIONS).filter(({ severity }) => severity === 'error')).not.toEqual([]);
  });
});

test('everything is found at once, with the path of the step, also for what is inside it', () => {
  const asl = machine({
    A: map({ B: task() }, { Comment: mark({ path: 'App/Clean', step: 'Clean' }) }),
    C: pass({ InputPath: '$.x', Output: '{% $missing %}' }),
    D: task({ Next: 'Gone' }),
  });
  expect(check(asl, { retry: TWICE }).map(({ severity, rule, state, path }) => ({ severity, rule, state, path }))).toEqual([
    { severity: 'error', rule: 'targets', state: 'D', path: undefined },
    { severity: 'error', rule: 'jsonpath', state: 'C', path: undefined },
    { severity: 'error', rule: 'variables', state: 'C', path: undefined },
    { severity: 'error', rule: 'retry', state: 'D', path: undefined },
    { severity: 'error', rule: 'retry', state: 'B', path: 'App/Clean' },
  ]);
});

test('the machine is not changed', () => {
  const asl = pipeline();
  const before = JSON.stringify(asl);
  check(asl, OPTIONS);
  expect(JSON.stringify(asl)).toBe(before);
});

test('a machine of 300 states is checked in seconds', () => {
  const states = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`S${index}`, task({ Arguments: { a: `{% $x${index} %}` }, Assign: { [`x${index + 1}`]: 1 } })]),
  );
  const asl = applyPolicies(machine({ S: pass({ Assign: { x0: 1 } }), ...states }), { retry: TWICE, alert: ALERT });
  const started = performance.now();
  expect(check(asl, OPTIONS)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(5000);
});
