import { createHash } from 'node:crypto';
import { VirtualClock } from '../../lib/engine';
import { machine, pass, run } from './support';

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

  test('names the place of a failure within the field', async () => {
    expect(await output({ a: [0, { b: '{% $x %}' }] })).toContain("the field 'Output/a[1]/b'");
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
  test.each([
    ['$partition([1, 2, 3, 4, 5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1], 5)', [[1]]],
    ['$partition([1], 0)', '$partition: the chunk size is 0'],
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
    ['$hash("orders", "CRC")', '$hash: the algorithm is CRC'],
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
    ['$exists($partition($states.input.none, 1)) or $exists($hash($states.input.none, "MD5")) or $exists($parse($states.input.none))', false],
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
