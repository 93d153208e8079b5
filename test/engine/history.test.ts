import { History } from '../../lib/engine/history';

const fill = (history: History, events: number) => {
  for (let event = 0; event < events; event += 1) history.record('Something', event);
};

test('numbers its events', () => {
  const history = new History(() => 7);
  expect([history.record('A', 0), history.record('B', 1, { some: 'details' })]).toEqual([1, 2]);
  expect(history.events[1]).toEqual({ id: 2, previousEventId: 1, timestamp: 7, type: 'B', some: 'details' });
});

test('that nobody will look at keeps nothing', () => {
  const history = new History(() => 0, undefined, false);
  fill(history, 10);
  expect(history.events).toEqual([]);
  expect(history.record('Last', 10)).toBe(11);
});

test.each([true, false])('has room for 25,000 events, the last of which ends the execution (kept: %p)', (kept) => {
  const history = new History(() => 0, undefined, kept);
  fill(history, 24_999);
  const cause = 'The execution reached the maximum number of history events (25000).';
  expect(() => history.record('TooMuch', 1)).toThrow(expect.objectContaining({ status: 'FAILED', error: 'States.Runtime', cause }));
  expect(() => history.end('ExecutionFailed', 1)).not.toThrow();
});
