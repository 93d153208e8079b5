import { applyPolicies, type StateMachineAsl } from '../../../lib/asl';
import { ALERT, broken, catching, fail, machine, map, parallel, pass, succeed, TWICE, task } from '../support';

const told = (asl: StateMachineAsl) => applyPolicies(asl, { retry: TWICE, alert: ALERT });
const PIPELINE = machine({ A: task(), B: parallel([{ C: task() }]), D: map({ E: task() }), F: pass() });
const untold = (name: string) => ({
  ...told(PIPELINE),
  States: { ...told(PIPELINE).States, [name]: { ...told(PIPELINE).States[name]!, Catch: undefined } },
});
const withAlert = (states: Record<string, object>) => {
  const asl = told(machine({ A: task() }));
  return { ...asl, States: { ...asl.States, ...states } } as StateMachineAsl;
};
const alert = { startAt: ALERT.startAt };

test('what the policy was applied to is in order, with the alert given whole or by name', () => {
  expect(broken('alert', told(PIPELINE), { alert: ALERT })).toEqual([]);
  expect(broken('alert', told(PIPELINE), { alert })).toEqual([]);
});

test.each(['A', 'B', 'D'])('an outermost %s that is not caught is refused', (name) => {
  expect(broken('alert', untold(name), { alert })).toEqual([
    expect.stringMatching(`error ${name}: .* '${name}' fails without an alert; let it catch 'States.ALL' as its last catcher, with 'Alert' as Next`),
  ]);
});

test('a catcher of some errors is not enough, one of the user for all errors is', () => {
  const asl = (...errors: string[]) => told(machine({ A: task({ ...catching('B', ...errors) }), B: succeed() }));
  const without = asl('Empty');
  const onlySome = { ...without, States: { ...without.States, A: { ...without.States.A!, Catch: without.States.A!.Catch!.slice(0, 1) } } };
  expect(broken('alert', onlySome, { alert: ALERT })).toHaveLength(1);
  expect(broken('alert', without, { alert: ALERT })).toEqual([]);
  expect(broken('alert', asl(), { alert: ALERT })).toEqual([]);
});

test('nothing is asked where there is no alert in the machine', () => {
  expect(broken('alert', PIPELINE)).toEqual([]);
});

test("a user's state with the name of an alert state is refused", () => {
  expect(broken('alert', told(machine({ A: task(), Alert: pass(), B: succeed() })), { alert: ALERT })).toContain(
    "error Alert: pass 'Alert' has the name of a state of the alert policy; give it another name",
  );
});

test('an alert that succeeds, or ends, is refused', () => {
  const ends = expect.stringContaining('ends the alert without failing, so that a failed run would end SUCCEEDED');
  expect(broken('alert', withAlert({ Alerted: succeed() }), { alert })).toContainEqual(ends);
  expect(broken('alert', withAlert({ Alert: { ...ALERT.states.Alert, Next: undefined, End: true } }), { alert })).toContainEqual(ends);
});

test('an alert that catches its own failure is refused', () => {
  expect(broken('alert', withAlert({ Alert: { ...ALERT.states.Alert, ...catching('Alert') } }), { alert })).toEqual([
    "error Alert: the alert goes in a circle through 'Alert', so a failure would be told over and over; let task 'Alert' lead to a Fail state only",
  ]);
});

test('an alert that leads back into the pipeline is refused', () => {
  expect(broken('alert', withAlert({ Alert: { ...ALERT.states.Alert, Next: 'A' } }), { alert: ALERT })).toContainEqual(
    expect.stringContaining('the alert goes in a circle'),
  );
});

test('an alert whose cause does not say that it was told is refused', () => {
  expect(broken('alert', withAlert({ Alerted: fail('X') }), { alert })).toEqual([
    "error Alerted: fail 'Alerted', where the alert 'Alert' ends, has a Cause that does not start with '[alerted] ', so the failure is told twice; put that before it",
  ]);
});
