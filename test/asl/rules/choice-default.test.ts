import { broken, choice, machine, map, succeed } from '../support';

test('a Choice without a Default is refused, at every depth', () => {
  const asl = machine({ A: map({ B: choice({ $x: 'C' }), C: succeed() }), D: choice({ $x: 'E' }, 'E'), E: succeed() });
  expect(broken('choice-default', asl)).toEqual([
    "error B: choice 'B' has no Default, so a run in which no condition holds fails with States.NoChoiceMatched; add otherwise(), with a Fail that says what is wrong if nothing else fits",
  ]);
});
