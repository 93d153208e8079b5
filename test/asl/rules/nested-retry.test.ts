import { broken, distributed, fail, machine, map, parallel, pass, RETRIED, task } from '../support';

const retrying = (...errors: string[]) => ({ Retry: [{ ErrorEquals: errors, MaxAttempts: 2 }] });
const TASK = task({ Retry: RETRIED });

test.each(['States.ALL', 'States.TaskFailed', 'States.Timeout', 'States.BranchFailed', 'Some.Error'])(
  'a container that retries %s around a task that retries is refused',
  (error) => {
    expect(broken('nested-retry', machine({ A: parallel([{ B: TASK }], retrying(error)) }))).toEqual([
      `error A: parallel 'A' retries '${error}', which its task 'B' may raise after its own retries, so that tries multiply; retry only errors of Fail states inside it, or nothing`,
    ]);
    expect(broken('nested-retry', machine({ A: map({ B: parallel([{ C: TASK }]) }, retrying(error)) }))).toHaveLength(1);
  },
);

test('a Parallel may retry the errors of its own Fail states', () => {
  const branch = { B: TASK, C: fail('Load.Failed') };
  expect(broken('nested-retry', machine({ A: parallel([branch], retrying('Load.Failed')) }))).toEqual([]);
  expect(broken('nested-retry', machine({ A: parallel([branch], retrying('Load.Failed', 'Other')) }))).toEqual([
    expect.stringContaining("retries 'Other', which its task 'B' may raise after its own retries, so that tries multiply; retry only 'Load.Failed'"),
  ]);
});

test('an error that is computed, or has a name of the service, is not its own', () => {
  expect(broken('nested-retry', machine({ A: parallel([{ B: TASK, C: fail('{% $e %}') }], retrying('{% $e %}')) }))).toHaveLength(1);
  expect(broken('nested-retry', machine({ A: parallel([{ B: TASK, C: fail('States.TaskFailed') }], retrying('States.TaskFailed')) }))).toHaveLength(
    1,
  );
});

test('an error that a container inside already retried is not retried again', () => {
  const inner = (fields: object) => ({ B: parallel([{ C: TASK, D: fail('Broken') }], fields) });
  expect(broken('nested-retry', machine({ A: parallel([inner({})], retrying('Broken')) }))).toEqual([]);
  expect(broken('nested-retry', machine({ A: parallel([inner(retrying('Broken'))], retrying('Broken')) }))).toEqual([
    expect.stringContaining("error A: parallel 'A' retries 'Broken'"),
  ]);
});

test.each(['Broken', 'States.ALL', 'States.TaskFailed'])('whatever it retried it by, as here %s', (name) => {
  const between = (fields: object) => ({ B: parallel([{ C: parallel([{ D: TASK, E: fail('Broken') }], fields) }]) });
  expect(
    broken('nested-retry', machine({ A: parallel([between({ Retry: [...retrying('Other').Retry, ...retrying(name).Retry] })], retrying('Broken')) })),
  ).toContainEqual(expect.stringContaining("error A: parallel 'A' retries 'Broken'"));
  expect(
    broken('nested-retry', machine({ A: parallel([between({ Retry: [{ ErrorEquals: [name], MaxAttempts: 0 }] })], retrying('Broken')) })),
  ).toEqual([]);
  expect(
    broken('nested-retry', machine({ A: parallel([between(retrying('Another'))], retrying('Broken')) })).filter((message) =>
      message.startsWith('error A'),
    ),
  ).toEqual([]);
});

test('a Map may retry its reader and writer, a Parallel around it may not', () => {
  expect(broken('nested-retry', machine({ A: distributed({ B: TASK }, retrying('States.ItemReaderFailed', 'States.ResultWriterFailed')) }))).toEqual(
    [],
  );
  expect(broken('nested-retry', machine({ A: distributed({ B: TASK }, retrying('States.ExceedToleratedFailureThreshold')) }))).toHaveLength(1);
  expect(broken('nested-retry', machine({ A: parallel([{ B: TASK }], retrying('States.ItemReaderFailed')) }))).toHaveLength(1);
});

test('a container may retry everything where nothing inside retries', () => {
  expect(
    broken(
      'nested-retry',
      machine({ A: parallel([{ B: pass(), C: task({ Retry: [{ ErrorEquals: ['X'], MaxAttempts: 0 }] }) }], retrying('States.ALL')) }),
    ),
  ).toEqual([]);
});

test('a retrier without attempts multiplies nothing', () => {
  expect(broken('nested-retry', machine({ A: parallel([{ B: TASK }], { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 0 }] }) }))).toEqual([]);
});
