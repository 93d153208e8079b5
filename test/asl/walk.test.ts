import { edges, loops, outwards, reachable, shortestPath, statesInside, walk } from '../../lib/asl/walk';
import { catching, choice, distributed, fail, machine, map, parallel, pass, step, succeed, task, wait } from './support';

const NESTED = walk(machine({ A: parallel([{ B: map({ C: task(step('C')) }) }, { D: pass() }]), E: distributed({ F: pass() }) }));

test('every state is visited, with the scope and the states around it', () => {
  expect(NESTED.visits.map(({ name }) => name)).toEqual(['A', 'E', 'B', 'C', 'D', 'F']);
  const [a, , , c] = NESTED.visits;
  expect(outwards(c!).map(({ name }) => name)).toEqual(['C', 'B', 'A']);
  expect(c!.marker?.step).toBe('C');
  expect(statesInside(a!).map(({ name }) => name)).toEqual(['B', 'C', 'D']);
  expect(NESTED.scopes.map(({ owner, distributed: isDistributed }) => [owner?.name, isDistributed])).toEqual([
    [undefined, false],
    ['A', false],
    ['B', false],
    ['A', false],
    ['E', true],
  ]);
});

test('the older name of an item processor is known, too', () => {
  const { visits } = walk(machine({ A: { Type: 'Map', Iterator: { StartAt: 'B', States: { B: pass({ End: true }) } } } }));
  expect(visits.map(({ name }) => name)).toEqual(['A', 'B']);
});

test('the ways out of a state carry what is assigned on them', () => {
  const asl = machine({
    A: task({ Assign: { a: 1 }, Catch: [{ ErrorEquals: ['X'], Assign: { b: 1 }, Next: 'B' }], Next: 'B' }),
    B: { ...choice({ '$a = 1': 'C' }, 'A', { Assign: { c: 1 } }), Choices: [{ Condition: true, Assign: { d: 1 }, Next: 'C' }] },
    C: succeed(),
  });
  expect(edges(asl.States.A!)).toEqual([
    { kind: 'next', to: 'B', assign: ['a'] },
    { kind: 'catch', to: 'B', assign: ['b'] },
  ]);
  expect(edges(asl.States.B!)).toEqual([
    { kind: 'choice', to: 'C', assign: ['d'], condition: true },
    { kind: 'default', to: 'A', assign: ['c'] },
  ]);
});

describe('in a machine with a loop', () => {
  const { top } = walk(machine({ A: task(catching('E')), B: wait(), C: choice({ $x: 'D' }, 'B'), D: succeed(), E: fail() }));

  test('the loop is found, and what is reached from where', () => {
    expect(loops(top).map((loop) => [...loop].sort())).toEqual([['B', 'C']]);
    expect([...reachable(top, 'B')].sort()).toEqual(['B', 'C', 'D']);
    expect(loops(top, ({ kind }) => kind !== 'default')).toEqual([]);
  });

  test('the shortest way is told, over the edges that are followed', () => {
    expect(shortestPath(top, 'A', 'D', () => true)).toEqual(['A', 'B', 'C', 'D']);
    expect(shortestPath(top, 'A', 'E', ({ kind }) => kind !== 'catch')).toBeUndefined();
  });
});

test('a state that leads to itself is a loop', () => {
  const { top } = walk(machine({ A: pass({ Next: 'A' }), B: pass() }));
  expect(loops(top)).toEqual([new Set(['A'])]);
});

test('targets that do not exist are passed over', () => {
  const { top } = walk(machine({ A: pass({ Next: 'Nowhere' }) }));
  expect(reachable(top, 'A')).toEqual(new Set(['A']));
  expect(loops(top)).toEqual([]);
});
