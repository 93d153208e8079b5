import { broken, catching, choice, fail, machine, parallel, pass, step, succeed, task, wait } from '../support';

const twice = 'is joined twice, which leads from';

test('a loop that a Choice leaves is in order', () => {
  expect(broken('cycles', machine({ A: wait(), B: task(), C: choice({ $x: 'D' }, 'A'), D: succeed() }))).toEqual([]);
});

test('a loop that nothing leaves is refused, at every depth', () => {
  const asl = machine({ A: parallel([{ B: pass({ Next: 'B' }) }]), C: wait(), D: pass({ Next: 'C' }) });
  expect(broken('cycles', asl)).toEqual([
    "error C: nothing leaves the circle of 'C' and 'D', so the run never ends; add a Choice that does",
    "error B: nothing leaves the circle of 'B', so the run never ends; add a Choice that does",
  ]);
});

test('an error that leaves a loop does not end it', () => {
  expect(broken('cycles', machine({ A: task({ ...catching('B'), Next: 'A' }), B: fail() }))).toHaveLength(1);
});

test('the same step joined twice is named, once', () => {
  const asl = machine({
    A: task(step('Extract', { entry: true })),
    B: task(step('Clean', { entry: true, reads: ['copy-text'] })),
    C: task({ ...step('Clean'), Next: 'A' }),
  });
  expect(broken('cycles', asl)).toEqual([
    "error A: step 'Extract' is joined twice, which leads from 'A', 'B' and 'C' round in a circle; make a second step with its own id for the second time",
  ]);
});

test('of the steps in the circle, the one that two ways lead to is named', () => {
  const entry = (name: string, fields = {}) => task({ ...step(name, { entry: true }), ...fields });
  const asl = machine({ A: entry('Extract'), B: entry('Clean'), C: entry('Parquet'), D: entry('Load', { Next: 'C' }) });
  expect(broken('cycles', asl)).toEqual([expect.stringContaining("error C: step 'Parquet' is joined twice, which leads from 'C' and 'D' round")]);
  const back = machine({ A: entry('Extract'), B: entry('Clean', { Next: 'D' }), C: succeed(), D: entry('Load', { Next: 'B' }) });
  expect(broken('cycles', back)).toEqual([expect.stringContaining("error B: step 'Clean' is joined twice")]);
  const late = machine({ A: entry('Extract', { Next: 'C' }), B: entry('Clean'), C: entry('Load', { Next: 'B' }) });
  expect(broken('cycles', late)).toEqual([expect.stringContaining("error C: step 'Load' is joined twice")]);
});

test("a step's own Choice does not make the circle one on purpose, a user's does", () => {
  const circle = (marker: object) =>
    machine({ A: task(step('Extract', { entry: true })), B: choice({ $x: 'D' }, 'C', marker), C: pass({ Next: 'A' }), D: succeed() });
  expect(broken('cycles', circle(step('Load')))).toEqual([expect.stringContaining(twice)]);
  expect(broken('cycles', circle({}))).toEqual([]);
});

test('a step that loops within itself is in order', () => {
  const asl = machine({ A: task(step('Extract', { entry: true })), B: choice({ $x: 'C' }, 'A', step('Extract')), C: succeed() });
  expect(broken('cycles', asl)).toEqual([]);
});
