import { type Sleeper, Sleepers } from '../../lib/engine/sleepers';

/** Numbers that look random and are the same every time. */
function* numbers(): Generator<number> {
  for (let seed = 1; ; seed = (seed * 16_807) % 2_147_483_647) yield seed;
}

function drain(sleepers: Sleepers): number[] {
  const order: number[] = [];
  while (sleepers.first !== undefined) order.push((sleepers.shift() as Sleeper & { number: number }).number);
  return order;
}

test('sleepers wake in order of time, then of arrival', () => {
  const sleepers = new Sleepers();
  const random = numbers();
  const all = Array.from({ length: 500 }, (_, number) => ({ number, until: random.next().value % 20, wake: () => {} }));
  for (const sleeper of all) sleepers.add(sleeper);
  expect(drain(sleepers)).toEqual([...all].sort((a, b) => a.until - b.until || a.number - b.number).map(({ number }) => number));
});

test('who was removed never wakes, wherever it stood', () => {
  const random = numbers();
  for (const share of [2, 3, 10]) {
    const sleepers = new Sleepers();
    const all = Array.from({ length: 200 }, (_, number) => ({ number, until: random.next().value % 50, wake: () => {} }));
    for (const sleeper of all) sleepers.add(sleeper);
    const gone = all.filter(({ number }) => number % share !== 0);
    for (const sleeper of gone) sleepers.remove(sleeper);
    const left = all.filter((sleeper) => !gone.includes(sleeper));
    expect(drain(sleepers)).toEqual(left.sort((a, b) => a.until - b.until || a.number - b.number).map(({ number }) => number));
  }
});

test('forgets what was removed although its time never comes', () => {
  const sleepers = new Sleepers();
  for (let round = 0; round < 1000; round += 1) {
    const sleeper = { until: 1e9, wake: () => {} };
    sleepers.add(sleeper);
    sleepers.remove(sleeper);
  }
  expect(JSON.stringify(sleepers).length).toBeLessThan(200);
  expect(sleepers.first).toBeUndefined();
});

test('the empty have no first', () => {
  expect(new Sleepers().first).toBeUndefined();
});
