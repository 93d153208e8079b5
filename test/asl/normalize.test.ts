import { normalize } from '../../lib/asl/normalize';
import { choice, machine, map, succeed, task } from './support';

const text = (asl: object) => JSON.stringify(asl);

test('states stand in the order of the flow, what only errors lead to after them, what nothing leads to last', () => {
  const asl = machine({
    C: succeed(),
    Lost: succeed(),
    Told: succeed(),
    A: task({ Catch: [{ ErrorEquals: ['X'], Next: 'Told' }], Next: 'B' }),
    B: choice({ $x: 'C' }, 'D'),
    D: succeed(),
  });
  expect(Object.keys(normalize({ ...asl, StartAt: 'A' }).States)).toEqual(['A', 'B', 'C', 'D', 'Told', 'Lost']);
});

test('fields stand in reading order, inside a Map and in rules, too', () => {
  const inner = { End: true, Type: 'Pass', Output: 1, Comment: 'c' };
  const rule = { Next: 'B', Assign: { a: 1 }, Condition: true };
  const asl = machine({ A: map({ In: inner }, { Next: 'C' }), C: { Default: 'B', Choices: [rule], Type: 'Choice' }, B: succeed() });
  const { A, C } = normalize(asl).States;
  expect(text(A!.ItemProcessor!)).toBe(
    '{"ProcessorConfig":{"Mode":"INLINE"},"StartAt":"In","States":{"In":{"Type":"Pass","Comment":"c","Output":1,"End":true}}}',
  );
  expect(text(C!)).toBe('{"Type":"Choice","Choices":[{"Condition":true,"Assign":{"a":1},"Next":"B"}],"Default":"B"}');
});

test('what says nothing goes: a language that repeats the machine’s, an argument of a task that is null', () => {
  const { States } = normalize(
    machine({
      A: { ...task({ Arguments: { a: null, b: { c: null } } }), QueryLanguage: 'JSONata' } as never,
      B: { ...succeed(), Arguments: { a: null } } as never,
    }),
  );
  expect(States.A).toEqual({ Type: 'Task', Resource: expect.any(String), Arguments: { b: { c: null } }, Next: 'B' });
  expect(States.B).toEqual({ Type: 'Succeed', Arguments: { a: null } });
  const other = { ...succeed(), QueryLanguage: 'JSONPath' } as never;
  expect(normalize(machine({ A: other })).States.A).toEqual({ Type: 'Succeed', QueryLanguage: 'JSONPath' });
  expect(normalize(machine({ A: task({ Arguments: null as never }) })).States.A).toMatchObject({ Arguments: null });
});
