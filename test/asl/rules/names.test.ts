import { broken, machine, parallel, pass } from '../support';

test('names that are unique and short enough are in order', () => {
  expect(broken('names', machine({ ['A'.repeat(80)]: pass(), B: parallel([{ C: pass() }]) }))).toEqual([]);
});

test('a name used twice is refused, whatever the scope', () => {
  const twice = (name: string) => expect.stringContaining(`error ${name}: pass '${name}': the name is used twice in the machine`);
  expect(broken('names', machine({ A: pass(), B: parallel([{ A: pass() }, { C: pass() }, { C: pass() }]) }))).toEqual([twice('A'), twice('C')]);
});

test('a name of more than 80 characters is refused', () => {
  expect(broken('names', machine({ ['A'.repeat(81)]: pass() }))).toEqual([
    expect.stringContaining('has a name of 81 characters, at most 80 are allowed; shorten it'),
  ]);
});
