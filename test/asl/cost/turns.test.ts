import type { State } from '../../../lib/asl';
import { countRun } from '../../../lib/asl/cost';
import { choice, inOrder, pass, sdk, succeed, wait } from '../support';

const machine = (states: Record<string, State>, fields: object = {}) => ({ QueryLanguage: 'JSONata', ...inOrder(states), ...fields });
const poll = (fields: Partial<State>, describe: Partial<State> = {}) =>
  machine({
    Begin: pass({ Assign: { delay: 2, deadline: '{% $millis() + 600000 %}' } }),
    Wait: wait(fields),
    Ask: sdk('redshiftdata:describeStatement', describe),
    Decide: choice({ "$states.input.Status = 'FINISHED'": 'Done', '$millis() > $deadline': 'Late' }, 'Wait'),
    Done: succeed(),
    Late: { Type: 'Fail', Error: 'Late' },
  });
const turns = (definition: object, seconds: number) => countRun(definition, { seconds: { Ask: seconds } }, 'expected').loops[0]!.turns;

test.each([
  [0, 1],
  [15, 1],
  [16, 2],
  [1800, 41],
])('a plain wait of 15 s looks once each 15 s: %d s take %d turns, but for the deadline', (seconds, expected) => {
  expect(turns(poll({ Seconds: 15 }), seconds)).toBe(expected);
});

test('a wait that doubles up to its limit is followed by its assignments', () => {
  const doubling = poll({ Seconds: '{% $delay %}' }, { Assign: { delay: '{% $min([$delay * 2, 120]) %}' } });
  expect([2, 3, 6, 7, 62, 63].map((seconds) => turns(doubling, seconds))).toEqual([1, 2, 2, 3, 5, 6]);
});

test('a call that waits by itself takes as long as it waits, and no longer than what it waits for', () => {
  const long = machine({
    Ask: sdk('redshiftdata:describeStatement', { Arguments: { WaitTimeSeconds: 30 } }),
    Decide: choice({ "$states.input.Status = 'FINISHED'": 'Done' }, 'Ask'),
    Done: succeed(),
  });
  expect([0, 30, 31, 1800].map((seconds) => turns(long, seconds))).toEqual([1, 1, 2, 60]);
});

test('a deadline ends a loop that would go on', () => {
  const { loops } = countRun(poll({ Seconds: 60 }), {}, 'worst');
  expect(loops[0]!.turns).toBe(11);
});

test('turns that are given are taken as they are, fractions too', () => {
  const { states } = countRun(poll({ Seconds: 60 }), { turns: { Wait: 2.5 } }, 'expected');
  expect(states.find(({ name }) => name === 'Ask')!.visits).toBeCloseTo(2.5);
});

test('a loop whose wait nobody knows is left at the first look', () => {
  expect(turns(poll({ Seconds: '{% $unheard %}' }), 1800)).toBe(1);
});

test('ways that lead round for ever are refused', () => {
  const ways = { Decide: { Wait: 1 } };
  expect(() => countRun(poll({ Seconds: 1 }), { ways }, 'expected')).toThrow('the assumed ways lead round in a loop that nothing leaves');
});
