import { createHash } from 'node:crypto';
import { VirtualClock } from '../../lib/engine';
import { machine, pass, program, run } from './support';

/** Evaluates a template as the Output of a Pass. */
async function output(template: unknown, input: unknown = {}, random = () => 0.5) {
  const execution = await run(machine({ Do: pass({ Output: template }) }), { input, random, clock: new VirtualClock(Date.UTC(2026, 0, 2, 3, 4, 5)) });
  return execution.status === 'SUCCEEDED' ? execution.output : execution.cause;
}

describe('a template', () => {
  test('is evaluated at any depth, and everything else stays as it is', async () => {
    const template = { list: [1, '{% 1 + 1 %}', { deep: '{% $states.input.a %}' }], text: '$states.input', spaced: ' {% 1 %} ', nothing: null };
    expect(await output(template, { a: [true] })).toEqual({
      list: [1, 2, { deep: [true] }],
      text: '$states.input',
      spaced: ' {% 1 %} ',
      nothing: null,
    });
  });

  test('may span lines', async () => {
    expect(await output('{%\n  (\n $a := 2;\n $a * 3\n)\n%}')).toBe(6);
  });

  test('arrays come out as plain JSON, without the marks of JSONata', async () => {
    const execution = await run(machine({ Do: pass({ Output: '{% {"ids": $states.input.rows.id} %}' }) }), {
      input: { rows: [{ id: 1 }, { id: 2 }] },
    });
    const { ids } = execution.output as { ids: number[] };
    expect(Reflect.ownKeys(ids)).toEqual(['0', '1', 'length']);
  });

  test.each([
    [
      '{% $states.input.absent %}',
      "'Do' (entered at the event id #2). The JSONata expression '$states.input.absent' specified for the field 'Output' returned nothing (undefined).",
    ],
    ['{% $sum %}', "specified for the field 'Output' returned an unsupported result type."],
    ['{% {"f": function($x){$x}} %}', "specified for the field 'Output' returned an unsupported result type."],
    ['{% $error("stop here") %}', 'threw an error during evaluation. D3137: stop here'],
  ])('%s fails with its place', async (template, message) => {
    expect(await output(template)).toContain(message);
  });

  test('may come to null', async () => {
    expect(await output(['{% null %}', '{% [null, 1] %}', '{% {"a": null} %}'])).toEqual([null, [null, 1], { a: null }]);
  });

  test.each([
    ['{% 7 %}', "The JSONata expression '7'", "'number' for value: 7"],
    ['{% null %}', "The JSONata expression 'null'", "'null' for value: null"],
    ['{% [1] %}', "The JSONata expression '[1]'", "'array' for value: [1]"],
    ['{% {"a": 1} %}', 'The JSONata expression \'{"a": 1}\'', '\'object\' for value: {"a":1}'],
  ])('%s where text belongs fails with what was found', async (Cause, subject, found) => {
    const { error, cause } = await run(machine({ Stop: { Type: 'Fail', Cause } }));
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain(`${subject} specified for the field 'Cause' returned an unexpected result type. Expected 'string', but was ${found}`);
  });

  test('names the place of a failure within the field', async () => {
    expect(await output({ a: [0, { b: '{% $x %}' }] })).toContain("the field 'Output/a[1]/b'");
  });

  const Iterator = program({ In: pass() });
  test.each([
    ['Assign', pass({ Assign: { x: '{% $none %}' } }), 'Assign/x'],
    ['a rule of a Choice', { Type: 'Choice', Choices: [{ Condition: true, Assign: { x: '{% $none %}' }, Next: 'Do' }] }, 'Choices[0]/Assign/x'],
    ['Seconds', { Type: 'Wait', Seconds: '{% $none %}', End: true }, 'Seconds'],
    ['MaxConcurrency', { Type: 'Map', MaxConcurrency: '{% $none %}', Items: [1], ItemProcessor: Iterator, End: true }, 'MaxConcurrency'],
    ['ItemSelector', { Type: 'Map', ItemSelector: '{% $none %}', Items: [1], ItemProcessor: Iterator, End: true }, 'ItemSelector'],
    ['Arguments of a Parallel', { Type: 'Parallel', Arguments: '{% $none %}', Branches: [Iterator], End: true }, 'Arguments'],
  ])('names the place of a failure in %s', async (_, state, field) => {
    expect((await run(machine({ Do: state }))).cause).toContain(`The JSONata expression '$none' specified for the field '${field}' returned nothing`);
  });

  test('a failed evaluation has an event of its own', async () => {
    const { history } = await run(machine({ Do: pass({ Output: '{% $x %}' }) }));
    expect(history.at(-2)).toMatchObject({
      type: 'EvaluationFailed',
      evaluationFailedEventDetails: { error: 'States.QueryEvaluationError', location: 'Output', state: 'Do' },
    });
  });

  test('has no input of its own: $ is nothing', async () => {
    expect(await output('{% $ %}', { a: 1 })).toContain('returned nothing');
  });
});

describe("the service's dialect of JSONata", () => {
  const absent = (call: string): [string, unknown] => [`$exists(${call})`, false];

  test.each([
    ['$partition([1, 2, 3, 4, 5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1], 5)', [[1]]],
    ['$partition([1, 2], 1)', [[1], [2]]],
    ['$partition("one", 2)', [['one']]],
    ['$partition([1], 0)', 'evaluation. $partition: the chunk size is 0, but must be a positive integer'],
    ['$range(0, 10, 3)', [0, 3, 6, 9]],
    ['$range(5, 1, -2)', [5, 3, 1]],
    ['$range(1, 9, 9)', 1],
    ['$range(2, 1, 1)', []],
    ['$range(1, 2, 0)', '$range: the step is 0'],
    ['$parse("{\\"a\\": [1]}")', { a: [1] }],
    ['$parse("-0")', 0],
    ['$parse("{")', 'threw an error during evaluation'],
    ['$hash("orders", "SHA-256")', createHash('sha256').update('orders').digest('hex')],
    ['$hash("orders", "MD5")', createHash('md5').update('orders').digest('hex')],
    ['$hash("orders", "CRC")', '$hash: the algorithm is CRC, but must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512'],
    ['$random()', 0.5],
    ['$random(7) = $random(7) and $random(7) != $random(8)', true],
    ['$random(7) >= 0 and $random(7) < 1', true],
    ['$now()', '2026-01-02T03:04:05.000Z'],
    ['$now("[Y0001]-[M01]-[D01]")', '2026-01-02'],
    ['$now("[H01]:[m01]", "+0100")', '04:04'],
    ['$millis()', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['$uuid()', '88888888-8888-4888-a888-888888888888'],
    ['$eval("1")', 'T1006'],
    ['$random("7")', '$random: the seed is a string, but must be a number'],
    ['1 / 0', 'returned an unsupported result type'],
    ['$randomSeeded(1)', 'T1006: Attempted to invoke a non-function'],
    ...['$partition($none, 1)', '$partition([1], $none)', '$hash($none, "MD5")', '$hash("a", $none)', '$parse($none)'].map(absent),
    ...['$range($none, 2, 1)', '$range(1, $none, 1)', '$range(1, 2, $none)'].map(absent),
  ])('%s', async (expression, expected) => {
    const value = await output(`{% ${expression} %}`);
    if (typeof expected === 'string' && typeof value === 'string' && value !== expected) expect(value).toContain(expected);
    else expect(value).toEqual(expected);
  });

  test('a UUID is of version 4, whatever is drawn', async () => {
    for (const draw of [0, 0.3, 0.999]) {
      expect(await output('{% $uuid() %}', {}, () => draw)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});
