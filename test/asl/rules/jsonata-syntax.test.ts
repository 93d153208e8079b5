import { broken, machine, map, pass, succeed, task, wait } from '../support';

test.each(['{% $x %}', '{%$x%}', '{% $x ? 1 : 2 %}', '{% $exists($x) ? $x : 2 %}', '{% $x ? $x : 2 %}', 'text', 'select 1 %', 'like {%', 'like %}'])(
  '%s is in order',
  (text) => {
    expect(broken('jsonata-syntax', machine({ A: pass({ Output: { a: text } }) }))).toEqual([]);
  },
);

test.each(['{% $x + %}', '{% %}', '{% ($x %}', "{% 'a\\'b' %}"])('%s is refused', (text) => {
  expect(broken('jsonata-syntax', machine({ A: map({ B: wait({ Seconds: text }) }) }))).toEqual([
    expect.stringMatching(/^error B: wait 'B': Seconds is not valid JSONata: .* \(at character \d+\)$/),
  ]);
});

test.each(['{% $x ?: 1 %}', '{% $map($y, function($v) { $v ?? 1 }) %}'])('%s is refused, because Step Functions runs an older JSONata', (text) => {
  expect(broken('jsonata-syntax', machine({ A: pass({ Output: text }) }))).toEqual([
    expect.stringContaining("came after JSONata 2.0.6, which Step Functions runs; write '? :'"),
  ]);
});

test.each([' {% $x %}', '{% $x %} ', 'Rows: {% $x %}'])("'%s' is refused, because nothing in it is evaluated", (text) => {
  expect(broken('jsonata-syntax', machine({ A: pass({ Output: text }) }))).toEqual([
    expect.stringContaining('has {% %} inside text, which is not evaluated'),
  ]);
});

test('expressions in catchers and rules are read too', () => {
  const asl = machine({
    A: task({ Catch: [{ ErrorEquals: ['X'], Assign: { e: '{% ( %}' }, Next: 'C' }] }),
    B: { Type: 'Choice', Choices: [{ Condition: '{% ) %}', Next: 'C' }], Default: 'C' },
    C: succeed(),
  });
  expect(broken('jsonata-syntax', asl)).toEqual([
    expect.stringContaining('Catch.0.Assign.e is not'),
    expect.stringContaining('Choices.0.Condition is not'),
  ]);
});
