import type { HistoryEvent } from '../../../lib/engine';
import { comparableTypes } from '../../../lib/engine/replay/event-types';
import { recorded } from './support';

const history = (...types: string[]): HistoryEvent[] => types.map((type, index) => ({ id: index + 1, previousEventId: index, timestamp: 0, type }));
const sorted = { id: [0], previousEventId: 0 };

test('histories with ids are compared as they are', () => {
  expect(comparableTypes(history('A', 'B', 'C'), recorded('A', 'C', 'B'))).toEqual({ ours: ['A', 'B', 'C'], theirs: ['A', 'C', 'B'] });
});

test('what we have too much or too little shows', () => {
  expect(comparableTypes(history('A', 'B', 'ParallelStateFailed'), recorded('A', 'B'))).toEqual({
    ours: ['A', 'B', 'ParallelStateFailed'],
    theirs: ['A', 'B'],
  });
  expect(comparableTypes(history('A'), recorded('A', 'B'))).toEqual({ ours: ['A'], theirs: ['A', 'B'] });
  const gap = [...recorded('A'), ...recorded('B').map((event) => ({ ...event, id: 3 }))];
  expect(comparableTypes(history('A', 'X', 'B'), gap)).toEqual({ ours: ['A', 'X', 'B'], theirs: ['A', 'B'] });
});

test('between events with ids the order does not matter where the recorder sorted', () => {
  const theirs = recorded('A', ['X', sorted], ['Y', sorted], 'B');
  expect(comparableTypes(history('A', 'Y', 'X', 'B'), theirs)).toEqual({ ours: ['A', 'X', 'Y', 'B'], theirs: ['A', 'X', 'Y', 'B'] });
  expect(comparableTypes(history('A', 'Y', 'Y', 'B'), theirs).ours).toEqual(['A', 'Y', 'Y', 'B']);
});

test('a lost closing event is one that the gap in the ids has room for', () => {
  const theirs = recorded('A', ['X', sorted], ['B', { id: 4 }]);
  expect(comparableTypes(history('A', 'X', 'ParallelStateFailed', 'B'), theirs)).toEqual({ ours: ['A', 'X', 'B'], theirs: ['A', 'X', 'B'] });
  const noGap = recorded('A', ['X', sorted], ['B', { id: 3 }]);
  expect(comparableTypes(history('A', 'ParallelStateFailed', 'B'), noGap).ours).toEqual(['A', 'ParallelStateFailed', 'B']);
});

test('sorted events may come last', () => {
  const theirs = recorded('A', ['Y', sorted], ['X', sorted]);
  expect(comparableTypes(history('A', 'Y', 'X'), theirs)).toEqual({ ours: ['A', 'X', 'Y'], theirs: ['A', 'X', 'Y'] });
});
