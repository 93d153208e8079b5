import { broken, catching, choice, fail, machine, map, parallel, pass, succeed, task } from '../support';

test('a machine that is joined well is in order', () => {
  expect(broken('targets', machine({ A: task(catching('D')), B: choice({ $x: 'C' }, 'D'), C: succeed(), D: fail() }))).toEqual([]);
});

test('targets that do not exist are refused, inside and outside', () => {
  const asl = machine({ A: task(catching('Gone')), B: parallel([{ C: pass({ Next: 'A' }) }]), D: choice({ $x: 'Lost' }, 'Away') });
  expect(broken('targets', asl)).toEqual([
    "error A: task 'A' goes to 'Gone' (catch), which is not a state beside it",
    "error D: choice 'D' goes to 'Lost' (choice), which is not a state beside it",
    "error D: choice 'D' goes to 'Away' (default), which is not a state beside it",
    "error C: pass 'C' goes to 'A' (next), which is not a state beside it",
  ]);
});

test('a start that does not exist is refused', () => {
  expect(broken('targets', { ...machine({ A: pass() }), StartAt: 'B' })).toEqual([
    "error : StartAt of the machine names 'B', which is not a state there",
  ]);
  const inside = map({ B: pass() });
  expect(broken('targets', machine({ A: { ...inside, ItemProcessor: { ...inside.ItemProcessor!, StartAt: 'A' } } }))).toEqual([
    "error A: StartAt inside map 'A' names 'A', which is not a state there",
  ]);
});

test('a state that nothing leads to is refused', () => {
  expect(broken('targets', machine({ A: succeed(), B: pass() }))).toEqual(["error B: pass 'B' is never reached; join it or remove it"]);
});

test('a state that leads nowhere is refused', () => {
  expect(broken('targets', { StartAt: 'A', States: { A: pass() } })).toEqual(["error A: pass 'A' has neither Next nor End; add one"]);
});
