import { broken, machine, RETRIED, succeed, task } from '../support';

const ALL = { ErrorEquals: ['States.ALL'], Next: 'B' };
const SOME = { ErrorEquals: ['Empty'], Next: 'B' };

test('States.ALL alone and last is in order', () => {
  expect(broken('catch-all-last', machine({ A: task({ Retry: RETRIED, Catch: [SOME, ALL] }), B: succeed() }))).toEqual([]);
});

test('States.ALL before another, or beside another name, is refused', () => {
  expect(broken('catch-all-last', machine({ A: task({ Catch: [ALL, SOME] }), B: succeed() }))).toEqual([
    "error A: task 'A': 'States.ALL' stands in Catch[0] of 2, beside [States.ALL]; put it alone into the last entry",
  ]);
  expect(broken('catch-all-last', machine({ A: task({ Retry: [{ ErrorEquals: ['X', 'States.ALL'] }] }) }))).toHaveLength(1);
});
