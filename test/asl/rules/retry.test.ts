import { applyPolicies } from '../../../lib/asl';
import { broken, distributed, fail, HIDDEN, machine, map, NEVER, parallel, pass, RETRIED, step, TWICE, task } from '../support';

const NO_RETRY = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 0 }];
const OWN = [{ ErrorEquals: ['Slow'], MaxAttempts: 5 }];

test('what the policy was applied to is in order', () => {
  const asl = machine({
    A: task(),
    B: map({ C: task() }),
    D: distributed({ E: task() }),
    F: parallel([{ G: fail() }], step('F', { raises: ['Broken'] })),
  });
  expect(broken('retry', applyPolicies(asl, { retry: TWICE }))).toEqual([]);
});

test("a task without a retrier is found at every depth, a user's own or a refusal to retry is enough", () => {
  const asl = machine({ A: parallel([{ B: task() }, { C: map({ D: task() }) }]), E: task({ Retry: OWN }), F: task({ Retry: NO_RETRY }), G: pass() });
  expect(broken('retry', asl)).toEqual([
    "error B: task 'B' has no retrier for 'States.ALL', but the policy says 2 retries; add one, or one with MaxAttempts 0 if it must not be retried",
    "error D: task 'D' has no retrier for 'States.ALL', but the policy says 2 retries; add one, or one with MaxAttempts 0 if it must not be retried",
  ]);
});

test('retriers without attempts are not enough', () => {
  expect(broken('retry', machine({ A: task({ Retry: [RETRIED[0]!] }) }))).toHaveLength(1);
});

test('no retrier is needed where the policy of the pipeline or of the step says so', () => {
  expect(broken('retry', machine({ A: task() }), { retry: NEVER })).toEqual([]);
  expect(broken('retry', machine({ A: task(step('A', { retry: NEVER })) }))).toEqual([]);
  expect(broken('retry', machine({ A: task(step('A', { retry: TWICE })) }), { retry: NEVER })).toHaveLength(1);
});

test('a Parallel that retries the errors of its Fail states must do so, and a distributed Map its reader and writer', () => {
  expect(broken('retry', machine({ A: parallel([{ B: fail() }], step('A', { raises: ['Broken'] })) }))).toEqual([
    expect.stringContaining("parallel 'A' has no retrier for 'Broken'"),
  ]);
  expect(broken('retry', machine({ A: distributed({ B: pass() }) }))).toEqual([
    expect.stringContaining("map 'A' has no retrier for 'States.ItemReaderFailed' or 'States.ResultWriterFailed'"),
  ]);
  expect(broken('retry', machine({ A: parallel([{ B: fail() }]) }))).toEqual([]);
});

test('more than one retrier with attempts is refused, with what they are', () => {
  expect(broken('retry', machine({ A: task({ Retry: [...OWN, ...RETRIED] }) }))).toEqual([
    "error A: task 'A' has 2 retriers with attempts (Slow: 5; States.ALL: 2), whose tries add up; keep one",
  ]);
  expect(broken('retry', machine({ A: task({ Retry: [{ ErrorEquals: ['Slow'] }, ...RETRIED] }) }))).toHaveLength(1);
});

test("CDK's hidden retrier is refused by name", () => {
  expect(broken('retry', machine({ A: task({ Retry: [HIDDEN, NO_RETRY[0]!] }) }))).toEqual([
    expect.stringContaining("task 'A' has the retrier that CDK's LambdaInvoke adds unasked"),
  ]);
});
