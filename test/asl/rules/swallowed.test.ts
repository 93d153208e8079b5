import { applyPolicies } from '../../../lib/asl';
import { ALERT, broken, catching, fail, machine, parallel, pass, succeed, TWICE, task } from '../support';

test("a user's own Catch of States.ALL is a warning, whether there is an alert or not", () => {
  const asl = machine({ A: task(catching('B')), B: succeed() });
  const warning =
    "warning A: task 'A' catches 'States.ALL' and goes to 'B', so its failures do not reach the alert policy; name the errors that you expect, or end in a Fail state";
  expect(broken('swallowed', asl)).toEqual([warning]);
  expect(broken('swallowed', applyPolicies(asl, { retry: TWICE, alert: ALERT }), { alert: ALERT })).toEqual([warning]);
});

test('the Catch of the alert policy, or of named errors, is none', () => {
  expect(broken('swallowed', applyPolicies(machine({ A: task() }), { retry: TWICE, alert: ALERT }), { alert: ALERT })).toEqual([]);
  expect(broken('swallowed', machine({ A: task(catching('B', 'Empty')), B: succeed() }))).toEqual([]);
});

test('inside a Parallel it is one only where the run may go on', () => {
  const inside = (handler: Record<string, object>) => machine({ A: parallel([{ B: task({ ...catching('C'), End: true }), ...handler } as never]) });
  expect(broken('swallowed', inside({ C: pass(), D: fail() }))).toEqual([]);
  expect(broken('swallowed', inside({ C: pass(), D: pass() }))).toHaveLength(1);
});
