import { broken, choice, fail, machine, sdk, succeed, task, wait } from '../support';

const ENDS = { Done: succeed(), Failed: fail() };
const loop = (rules: Record<string, string>, poll = task(), otherwise = 'Wait') =>
  machine({ Wait: wait(), Poll: poll, Decide: choice(rules, otherwise), ...ENDS });
const done = { '$states.input.done': 'Done' };
const message =
  "error Wait: the loop of wait 'Wait' goes on until an answer that may never come; let 'Decide' leave it at a deadline, as in $millis() > $deadline, or use PollUntil, which has one";

test('a loop that waits and has no bound is refused', () => {
  expect(broken('unbounded-poll', loop(done))).toEqual([message]);
  expect(broken('unbounded-poll', loop({ '$states.input.progress >= 100': 'Done' }))).toEqual([message]);
  expect(broken('unbounded-poll', loop({ '$states.input.running': 'Wait' }, task(), 'Done'))).toEqual([message]);
});

test('so is one that asks for a status without a wait', () => {
  const asl = machine({ Poll: sdk('glue:getJobRun'), Decide: choice(done, 'Poll'), ...ENDS });
  expect(broken('unbounded-poll', asl)).toEqual([expect.stringContaining("error Poll: the loop of task 'Poll' goes on")]);
});

test.each(['$millis() > $deadline', '$toMillis($now()) > 1', '$toMillis($states.context.State.EnteredTime) > $deadline'])(
  '%s bounds it',
  (condition) => {
    expect(broken('unbounded-poll', loop({ ...done, [condition]: 'Failed' }))).toEqual([]);
  },
);

test('turns that are counted bound it, in a variable or in the input', () => {
  const counting = task({ Assign: { turn: '{% $turn + 1 %}' } });
  expect(broken('unbounded-poll', loop({ ...done, '$turn > 10': 'Failed' }, counting))).toEqual([]);
  expect(broken('unbounded-poll', loop({ '$turn < 10': 'Wait' }, counting, 'Failed'))).toEqual([]);
  const passing = task({ Output: "{% {'turn': $states.input.turn + 1} %}" });
  expect(broken('unbounded-poll', loop({ ...done, '$states.input.turn > 10': 'Failed' }, passing))).toEqual([]);
});

test('a number that no turn changes bounds nothing', () => {
  expect(broken('unbounded-poll', loop({ ...done, '$turn > 10': 'Failed' }, task({ Assign: { turn: 1 } })))).toEqual([message]);
});

test('a loop that works without waiting is no poll', () => {
  expect(broken('unbounded-poll', machine({ Work: task(), Decide: choice(done, 'Work'), ...ENDS }))).toEqual([]);
});
