import { withoutErrors } from '../../lib/asl/without-errors';
import { catching, fail, machine, map, parallel, task } from './support';

test('leaves out every Catch and what only a Catch leads to, at every depth', () => {
  const inside = { Do: task({ End: true, ...catching('Mend') }), Mend: task() };
  const all = machine({
    First: task({ ...catching('Alert'), Next: 'Both' }),
    Alert: task(),
    Failed: fail(),
    Both: parallel([inside], { Next: 'Each' }),
    Each: map(inside),
  });
  const left = withoutErrors(all);
  expect(Object.keys(left.States)).toEqual(['First', 'Both', 'Each']);
  expect(Object.keys(left.States.Both!.Branches![0]!.States)).toEqual(['Do']);
  expect(Object.keys(left.States.Each!.ItemProcessor!.States)).toEqual(['Do']);
  expect(JSON.stringify(left)).not.toContain('Catch');
});
