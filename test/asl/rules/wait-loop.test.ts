import { broken, catching, choice, fail, machine, parallel, pass, sdk, succeed, task, wait } from '../support';

const status = '$states.input.status';
const ENDS = { Done: succeed(), Failed: fail() };

/** Polls with the call until a rule leaves. */
const polling = (call: string, rules: Record<string, string>, otherwise = 'Wait') =>
  machine({ Wait: wait(), Poll: sdk(call), Decide: choice(rules, otherwise), ...ENDS });
const redshift = (rules: Record<string, string>, otherwise?: string) => polling('redshiftdata:describeStatement', rules, otherwise);
const leaving = (condition: string) => redshift({ [condition]: 'Done' });

const GOOD: Record<string, string> = { [`${status} = 'FINISHED'`]: 'Done', [`${status} = 'FAILED'`]: 'Failed', [`${status} = 'ABORTED'`]: 'Failed' };

test('a loop that leaves on every terminal status is in order', () => {
  expect(broken('wait-loop', redshift(GOOD))).toEqual([]);
});

test.each(Object.keys(GOOD))('a loop without the rule %s is refused', (condition) => {
  const { [condition]: _, ...rest } = GOOD;
  const missing = condition.split("'")[1];
  expect(broken('wait-loop', redshift(rest))).toEqual([
    `error Poll: the loop that polls with task 'Poll' goes on when the status is '${missing}'; let 'Decide' leave it then`,
  ]);
});

test.each([
  `${status} in ['FINISHED', 'FAILED', 'ABORTED']`,
  `${status} = 'FINISHED' or ${status} = 'FAILED' or 'ABORTED' = ${status}`,
  `$not(${status} in ['SUBMITTED', 'PICKED', 'STARTED'])`,
  `${status} != 'SUBMITTED' and ${status} != 'PICKED' and ${status} != 'STARTED'`,
  `(${status} in ['FINISHED', 'FAILED', 'ABORTED'])`,
  `$not(${status} in ['SUBMITTED', 'PICKED', 'STARTED', 'QUEUED'])`,
  `${status} = 'FINISHED' or true`,
])('%s leaves on every terminal status', (condition) => {
  expect(broken('wait-loop', leaving(condition))).toEqual([]);
});

test.each([
  `${status} in ['FINISHED', 'FAILED']`,
  `${status} = 'FINISHED' or $millis() > $deadline`,
  `${status} in ['FINISHED', 'FAILED', 'ABORTED'] and $done`,
  `$not(${status} in ['SUBMITTED', 'PICKED', 'STARTED', 'ABORTED'])`,
  `${status} in ['FINISHED', 'FAILED', 'ABORTED'] and false`,
  `$done and ${status} in ['FINISHED', 'FAILED', 'ABORTED']`,
  `${status} = 'FINISHED' or $not($done)`,
  `${status} = 'FINISHED' or $kind != 'full'`,
  `${status} = 'FINISHED' or $not()`,
  `${status} = 'FINISHED' or ()`,
  `${status} = 'FINISHED' or 'and'`,
  `$exists(${status} in ['SUBMITTED', 'PICKED', 'STARTED'])`,
  `(${status} in ['FINISHED', 'FAILED', 'ABORTED']; false)`,
  `$not(${status} in ['SUBMITTED', 'PICKED', 'STARTED', $more])`,
  `${status} = 'FINISHED' or ${status} in $final`,
  `${status} = 'FINISHED' or ${status} = -$n`,
  `${status} = 'FINISHED' or ${status} = {'a': $n}`,
])('%s does not', (condition) => {
  expect(broken('wait-loop', leaving(condition))).toEqual([expect.stringContaining('goes on when the status is')]);
});

test('a loop that goes on only while it runs is in order', () => {
  expect(broken('wait-loop', redshift({ [`${status} in ['SUBMITTED', 'PICKED', 'STARTED']`]: 'Wait' }, 'Done'))).toEqual([]);
  expect(broken('wait-loop', redshift({ [`${status} != 'FINISHED'`]: 'Wait' }, 'Done'))).toEqual([expect.stringContaining("'FAILED' or 'ABORTED'")]);
});

test('a deadline before or after the status changes nothing', () => {
  expect(broken('wait-loop', redshift({ '$millis() > $deadline': 'Failed', ...GOOD }))).toEqual([]);
  expect(broken('wait-loop', redshift({ ...GOOD, '$millis() > $deadline': 'Failed' }))).toEqual([]);
  expect(broken('wait-loop', redshift({ [`${status} = 'FINISHED'`]: 'Done', '$millis() > $deadline': 'Failed' }))).toEqual([
    expect.stringContaining("'FAILED' or 'ABORTED'"),
  ]);
});

test('an earlier rule that goes on hides a later one that leaves', () => {
  expect(broken('wait-loop', redshift({ [`${status} != 'FINISHED'`]: 'Wait', ...GOOD }))).toEqual([expect.stringContaining("'FAILED' or 'ABORTED'")]);
});

test('of several rules that go on each is looked at', () => {
  expect(broken('wait-loop', redshift({ [`${status} = 'SUBMITTED'`]: 'Wait', [`${status} = 'FAILED'`]: 'Wait' }, 'Done'))).toEqual([
    expect.stringContaining("when the status is 'FAILED';"),
  ]);
});

test('a rule that leaves for sure comes before one that may go on, and an error that leads back is no status', () => {
  expect(broken('wait-loop', redshift({ [`${status} in ['FINISHED', 'FAILED', 'ABORTED']`]: 'Done', $x: 'Wait' }, 'Done'))).toEqual([]);
  const asl = redshift(GOOD);
  expect(broken('wait-loop', { ...asl, States: { ...asl.States, Poll: { ...asl.States.Poll!, ...catching('Wait', 'X') } } })).toEqual([]);
});

test('a loop that only an error leaves is left to the rule for such loops', () => {
  expect(
    broken(
      'wait-loop',
      machine({ Wait: wait(), Poll: sdk('redshiftdata:describeStatement', { ...catching('Failed'), Next: 'Wait' }), Failed: fail() }),
    ),
  ).toEqual([]);
});

test('a status may be decided on in several Choices', () => {
  const asl = machine({
    Wait: wait(),
    Poll: sdk('redshiftdata:describeStatement'),
    Good: choice({ [`${status} = 'FINISHED'`]: 'Done' }, 'Bad'),
    Bad: choice({ [`${status} in ['FAILED', 'ABORTED']`]: 'Failed' }, 'Wait'),
    ...ENDS,
  });
  expect(broken('wait-loop', asl)).toEqual([]);
});

test('it is found in a branch, without a Wait, and where an error leads back', () => {
  expect(
    broken(
      'wait-loop',
      machine({
        A: parallel([{ Poll: sdk('redshiftdata:describeStatement'), Decide: choice({ [`${status} = 'FINISHED'`]: 'Done' }, 'Poll'), ...ENDS }]),
      }),
    ),
  ).toHaveLength(1);
  expect(
    broken('wait-loop', machine({ Poll: sdk('redshiftdata:describeStatement', catching('Wait')), Done: succeed(), Wait: wait({ Next: 'Poll' }) })),
  ).toEqual([]);
});

test.each(['$states.input.done', '$states.input.FINISHED'])('a loop whose conditions do not name a status is a warning: %s', (condition) => {
  expect(broken('wait-loop', leaving(condition))).toEqual([
    "warning Poll: the loop that polls with task 'Poll' cannot be seen to leave on every terminal status ('FINISHED', 'FAILED' and 'ABORTED'); compare the status with them in its Choice",
  ]);
});

test.each([
  ['glue:getJobRun', "'FAILED', 'STOPPED', 'TIMEOUT', 'ERROR' or 'EXPIRED'", 'SUCCEEDED'],
  ['athena:getQueryExecution', "'FAILED' or 'CANCELLED'", 'SUCCEEDED'],
  ['sfn:describeExecution', "'FAILED', 'TIMED_OUT' or 'ABORTED'", 'SUCCEEDED'],
  ['rds:describeExportTasks', "'FAILED' or 'CANCELED'", 'COMPLETE'],
  ['batch:describeJobs', "'FAILED'", 'SUCCEEDED'],
  ['emr:describeStep', "'FAILED', 'CANCELLED' or 'INTERRUPTED'", 'COMPLETED'],
  ['emrserverless:getJobRun', "'FAILED' or 'CANCELLED'", 'SUCCESS'],
])('of %s it knows that %s end as well', (call, missing, good) => {
  expect(broken('wait-loop', polling(call, { [`${status} = '${good}'`]: 'Done' }))).toEqual([
    expect.stringContaining(`when the status is ${missing};`),
  ]);
});

test('one Choice that names the status among others is enough to say what is missing', () => {
  const asl = machine({
    Wait: wait(),
    Poll: sdk('redshiftdata:describeStatement'),
    Late: choice({ '$millis() > $deadline': 'Failed' }, 'Decide'),
    Decide: choice({ [`${status} in ['FINISHED', 'FAILED']`]: 'Done' }, 'Wait'),
    ...ENDS,
  });
  expect(broken('wait-loop', asl)).toEqual([
    "error Poll: the loop that polls with task 'Poll' goes on when the status is 'ABORTED'; let 'Late' or 'Decide' leave it then",
  ]);
});

test('a rule that may or may not go on is taken to go on', () => {
  expect(broken('wait-loop', redshift({ $again: 'Wait' }, 'Done'))).toEqual([expect.stringMatching(/^warning Poll/)]);
});

test.each([true, 'text', '{% ( %}', 5, undefined])('a condition that is no expression is left to the rules for such: %j', (Condition) => {
  const asl = redshift(GOOD);
  const Choices = [{ Condition, Next: 'Failed' }, ...asl.States.Decide!.Choices!] as never;
  expect(broken('wait-loop', { ...asl, States: { ...asl.States, Decide: { ...asl.States.Decide!, Choices } } })).toEqual([]);
});

test.each([
  [true, 0],
  [false, 1],
])('a rule that holds %p needs no status', (Condition, findings) => {
  const asl = redshift({});
  const Choices = [{ Condition, Next: 'Done' }];
  expect(broken('wait-loop', { ...asl, States: { ...asl.States, Decide: { ...asl.States.Decide!, Choices } } })).toHaveLength(findings);
});

test('polling with a task that is not known to be one is not judged', () => {
  expect(
    broken('wait-loop', machine({ Wait: wait(), Poll: task(), Decide: choice({ [`${status} = 'FINISHED'`]: 'Done' }, 'Wait'), ...ENDS })),
  ).toEqual([]);
  expect(broken('wait-loop', machine({ Poll: sdk('redshiftdata:describeStatement'), Next: pass() }))).toEqual([]);
});
