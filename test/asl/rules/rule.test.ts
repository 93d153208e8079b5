import { listed, named, pathOf } from '../../../lib/asl/rules/rule';
import { walk } from '../../../lib/asl/walk';
import { machine, succeed } from '../support';

test('a long path is told by its ends', () => {
  expect(pathOf([...'abcdefgh'])).toBe('a -> b -> c -> d -> e -> f -> g -> h');
  expect(pathOf([...'abcdefghi'])).toBe('a -> b -> c -> d -> ... -> g -> h -> i');
});

test('names are listed as people say them', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((names) => listed(names))).toEqual(['', "'a'", "'a' or 'b'", "'a', 'b' or 'c'"]);
});

test('a state is named with its type, which hand-written JSON may lack', () => {
  const { Type: _, ...untyped } = succeed();
  expect(walk(machine({ A: succeed(), B: untyped as never })).visits.map(named)).toEqual(["succeed 'A'", "state 'B'"]);
});
