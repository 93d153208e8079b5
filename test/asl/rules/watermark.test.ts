import { broken, catching, choice, fail, machine, map, parallel, pass, step, succeed, task } from '../support';

const OPEN = task(step('Extract', { opens: 'orders' }));
const COMMIT = task(step('Extract', { commits: 'orders' }));
const refused = (way: string) =>
  `error Open: step 'Extract' opens a window, but the way ${way} ends without moving the watermark; put its commit() after the load on every way`;

test('a window that is committed on every way is in order', () => {
  expect(
    broken('watermark', machine({ Open: OPEN, Any: choice({ '1 = 1': 'Load' }, 'Commit'), Load: task(), Commit: COMMIT, Notify: task() })),
  ).toEqual([]);
});

test('a window that is not committed, or by another step, is refused', () => {
  expect(broken('watermark', machine({ Open: OPEN, Load: task() }))).toEqual([refused('Open -> Load')]);
  expect(broken('watermark', machine({ Open: OPEN, Commit: task(step('Other', { commits: 'other' })) }))).toEqual([refused('Open -> Commit')]);
});

test('the way that skips the load counts, too', () => {
  const asl = machine({
    Open: OPEN,
    Any: choice({ '1 = 1': 'Load' }, 'Skipped'),
    Load: task(),
    Commit: { ...COMMIT, End: true },
    Skipped: succeed(),
  });
  expect(broken('watermark', asl)).toEqual([refused('Open -> Any -> Skipped')]);
});

test('ways that fail, or on which an error was caught, leave the watermark where it is', () => {
  const asl = machine({
    Open: OPEN,
    Load: task(catching('Handled', 'Empty')),
    Any: choice({ '1 = 1': 'Commit' }, 'Broken'),
    Broken: fail(),
    Commit: { ...COMMIT, End: true },
    Handled: succeed(),
  });
  expect(broken('watermark', asl)).toEqual([]);
});

test('a commit whose own error is caught is not demanded again', () => {
  expect(broken('watermark', machine({ Open: OPEN, Commit: { ...COMMIT, ...catching('Done', 'X') }, Done: succeed() }))).toEqual([]);
});

test('a window opened in a branch must be committed there or after', () => {
  expect(broken('watermark', machine({ Fan: parallel([{ Open: OPEN, Commit: COMMIT }, { B: pass() }]) }))).toEqual([]);
  expect(broken('watermark', machine({ Fan: parallel([{ Open: OPEN }, { B: pass() }]), Commit: COMMIT }))).toEqual([]);
  expect(broken('watermark', machine({ Fan: parallel([{ Open: OPEN }, { B: pass() }]) }))).toEqual([refused('Fan')]);
});

test('a commit in any branch counts, one in a Map does not, because it may have nothing to do', () => {
  expect(broken('watermark', machine({ Open: OPEN, Fan: parallel([{ B: pass() }, { Commit: COMMIT }]) }))).toEqual([]);
  expect(broken('watermark', machine({ Open: OPEN, Each: map({ Commit: COMMIT }) }))).toEqual([refused('Open -> Each')]);
  expect(
    broken(
      'watermark',
      machine({ Open: OPEN, Fan: parallel([{ B: choice({ '1 = 1': 'Commit' }, 'C'), Commit: { ...COMMIT, End: true }, C: pass() }]) }),
    ),
  ).toEqual([refused('Open -> Fan')]);
});

test('several windows are told apart', () => {
  const other = (fields: object) => task(step('Other', fields));
  const asl = machine({ Open: OPEN, OpenOther: other({ opens: 'other' }), Commit: COMMIT, Done: succeed() });
  expect(broken('watermark', asl)).toEqual([expect.stringContaining("error OpenOther: step 'Other' opens a window")]);
});
