import { expressionIn, stringsOf } from '../../lib/asl/strings';
import type { State } from '../../lib/asl/types';

const found = (state: object) => stringsOf(state as State).map(({ text, at }) => `${at.join('.')} ${text}`);

test('what names a state, an error or nothing is not evaluated, in a rule, a catcher and the state itself', () => {
  const Assign = { x: 'assigned', Next: 'a variable' };
  expect(found({ Type: 'Choice', Comment: 'c', Choices: [{ Condition: '{% $a %}', Next: 'B', Comment: 'c', Assign }], Default: 'C' })).toEqual([
    'Choices.0.Condition {% $a %}',
    'Choices.0.Assign.x assigned',
    'Choices.0.Assign.Next a variable',
  ]);
  expect(found({ Type: 'Pass', Catch: [{ ErrorEquals: ['X'], Next: 'B', Comment: 'c', Output: 'out' }], Next: 'C' })).toEqual(['Catch.0.Output out']);
});

test('arguments are evaluated whatever their names, at any depth', () => {
  expect(found({ Type: 'Task', Resource: 'r', Arguments: [{ Next: 'a', ErrorEquals: ['b'], Comment: 'c' }, null, 1] })).toEqual([
    'Arguments.0.Next a',
    'Arguments.0.ErrorEquals.0 b',
    'Arguments.0.Comment c',
  ]);
});

test('an expression is what stands between {% and %}, without the space around it', () => {
  expect(['{%  1 + 1\n%}', '{% 1', '1 %}', ' {% 1 %}'].map(expressionIn)).toEqual(['1 + 1', undefined, undefined, undefined]);
});
