import { type Marker, mark, readMarker, stripMarkers } from '../../lib/asl';
import { machine, map, parallel, pass } from './support';

const MARKER: Marker = { path: 'App/Load', step: 'Load', entry: true, reads: ['parquet'], bucket: '${Token[TOKEN.7]}', raises: ['Broken'] };

test('what a step marks is read back, tokens included', () => {
  expect(readMarker(pass({ Comment: mark(MARKER) }))).toEqual(MARKER);
});

test('a comment that a person wrote, or none, is no marker', () => {
  expect(readMarker(pass({ Comment: 'hello' }))).toBeUndefined();
  expect(readMarker(pass())).toBeUndefined();
});

test('markers are stripped at every depth, other comments stay, the input is not changed', () => {
  const marked = pass({ Comment: mark(MARKER) });
  const asl = machine({
    A: marked,
    B: { ...parallel([{ C: marked }, { D: pass({ Comment: 'why' }) }]), Comment: mark(MARKER) },
    E: map({ F: marked }),
  });
  const before = JSON.stringify(asl);
  expect(stripMarkers(asl)).toEqual(machine({ A: pass(), B: parallel([{ C: pass() }, { D: pass({ Comment: 'why' }) }]), E: map({ F: pass() }) }));
  expect(JSON.stringify(asl)).toBe(before);
});
