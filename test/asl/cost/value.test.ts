import { Partly, UNKNOWN, valueIn } from '../../../lib/asl/cost/value';

const known = new Map<string, unknown>([
  ['n', 3],
  ['text', 'on'],
  ['dataset', new Partly({ recordCount: 5 })],
  ['states', new Partly({ input: {} })],
  ['millis()', 1000],
]);
const value = (expression: string) => valueIn(`{% ${expression} %}`, known);

test.each<[string, unknown]>([
  ['$n * 2 + 1', 7],
  ['-$n', -3],
  ['$min([$n * 2, 120])', 6],
  ['[0..$n - 1]', [0, 1, 2]],
  ['$n < 5 and $text = "on"', true],
  ['$n > 5 ? "many" : "few"', 'few'],
  ['$text in ["off", "on"]', true],
  ['$not($exists($states.input.window))', true],
  ['$states.input = {}', true],
  ['$states.input.dryRun = true', false],
  ['$dataset.recordCount > 0', true],
  ['$millis() + 500', 1500],
  ['($n)', 3],
  ['$count([1, 2])', 2],
])('%s is known', (expression, expected) => {
  expect(value(expression)).toEqual(expected);
});

test.each([
  '$unheard',
  '$dataset.name = "orders"',
  '$states.result.Status = "DONE"',
  '$n + $unheard',
  '$uuid()',
  '$dataset = {}',
  '{"a": $unheard} = {}',
  '$n[',
])('%s is not', (expression) => {
  expect(value(expression)).toBe(UNKNOWN);
});

test('what does not matter need not be known', () => {
  expect([value('$unheard and false'), value('true or $unheard')]).toEqual([false, true]);
});

test('templates are known by their members, and texts are themselves', () => {
  expect(valueIn({ a: '{% $n %}', b: ['{% $unheard %}'], c: 'plain' }, known)).toEqual({ a: 3, b: [UNKNOWN], c: 'plain' });
});
