import { broken, choice, distributed, machine, map, pass, task } from '../support';

const each = (inside: Parameters<typeof map>[0], items: unknown) => machine({ Each: map(inside, { Items: items }) });
const costs = (...args: Parameters<typeof each>) => broken('map-cost', each(...args));
const TWO = { First: task(), Second: task() };

test('an inline Map over many items is told what a Distributed Map takes', () => {
  expect(costs(TWO, '{% [1..2000] %}')).toEqual([
    "warning Each: map 'Each' runs 2,000 items inline, which takes 4,000 state transitions a run ($0.10); " +
      'a Distributed Map with Express children in batches of 100 takes 1 and 20 requests ($0.00004 and the time they take)',
  ]);
});

test('one whose tasks Express children cannot run is told to batch', () => {
  expect(costs({ Job: task({ Resource: 'arn:aws:states:::glue:startJobRun.sync' }) }, '{% [1..2000] %}')).toEqual([
    "warning Each: map 'Each' runs 2,000 items inline, which takes 2,000 state transitions a run ($0.05); " +
      'let one task take a batch of 100 items, which takes 20, or make it a Distributed Map, whose children have histories of their own',
  ]);
});

test('few items, and items that nobody knows, are in order', () => {
  expect(costs(TWO, '{% [1..500] %}')).toEqual([]);
  expect(costs(TWO, '{% $unheard %}')).toEqual([]);
});

test('a Distributed Map is in order', () => {
  expect(broken('map-cost', machine({ Each: distributed(TWO, { Items: '{% [1..2000] %}' }) }))).toEqual([]);
});

test('items of items count', () => {
  expect(costs({ Inner: map({ Do: pass() }, { Items: '{% [1..100] %}' }) }, '{% [1..20] %}')).toHaveLength(2);
});

test('a machine that never ends is told of that, and of no cost', () => {
  const endless = machine({
    Again: choice({ '$x = 1': 'Back' }, 'Each'),
    Each: map(TWO, { Items: '{% [1..2000] %}' }),
    Back: pass({ Next: 'Again' }),
  });
  expect(broken('map-cost', { ...endless, States: { ...endless.States, Each: { ...endless.States.Each!, Next: 'Again', End: undefined } } })).toEqual(
    [],
  );
});
