import { VirtualClock } from '../../lib/engine';
import { machine, pass, run, types } from './support';

describe('a Choice', () => {
  const choice = (fields: Record<string, unknown>) =>
    machine({
      Pick: { Type: 'Choice', ...fields },
      A: pass({ Output: { to: 'A', got: '{% $states.input %}' } }),
      B: pass({ Output: { to: 'B', got: '{% $states.input %}' } }),
    });
  const rule = (Condition: unknown, Next: string, more = {}) => ({ Condition, Next, ...more });

  test('takes the first rule that holds', async () => {
    const Choices = [rule('{% $states.input.n > 5 %}', 'A'), rule('{% $states.input.n > 1 %}', 'B'), rule('{% $nothing %}', 'A')];
    expect((await run(choice({ Choices }), { input: { n: 3 } })).output).toEqual({ to: 'B', got: { n: 3 } });
  });

  test('takes its Default when none does, with the Output of the state', async () => {
    const fields = { Choices: [rule(false, 'A', { Output: 'rule' })], Default: 'B', Output: 'state' };
    expect((await run(choice(fields))).output).toEqual({ to: 'B', got: 'state' });
    const holds = { ...fields, Choices: [rule(true, 'A', { Output: 'rule' })] };
    expect((await run(choice(holds))).output).toEqual({ to: 'A', got: 'rule' });
  });

  test('without a Default fails with States.NoChoiceMatched', async () => {
    expect(await run(choice({ Choices: [rule(false, 'A')] }))).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  test('a Condition is true or false, nothing else', async () => {
    const execution = await run(choice({ Choices: [rule('{% "yes" %}', 'A')], Default: 'B' }));
    expect(execution.cause).toContain("the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'string'");
  });

  test('a failed Output of a rule is told at its place', async () => {
    const execution = await run(choice({ Choices: [rule(true, 'A', { Output: '{% $nothing %}' })] }));
    expect(execution.cause).toContain("the field 'Choices[0]/Output' returned nothing");
  });

  test('a rule assigns', async () => {
    const definition = machine({
      Pick: { Type: 'Choice', Choices: [rule(true, 'Show', { Assign: { x: 1 } })], Default: 'Show', Assign: { y: 1 } },
      Show: pass({ Output: { x: '{% $exists($x) %}', y: '{% $exists($y) %}' } }),
    });
    expect((await run(definition)).output).toEqual({ x: true, y: false });
  });
});

describe('a Wait', () => {
  const waited = async (fields: Record<string, unknown>, input: unknown = {}) => {
    const clock = new VirtualClock(Date.UTC(2026, 0, 1));
    const execution = await run(machine({ Idle: { Type: 'Wait', End: true, ...fields } }), { clock, input });
    return execution.status === 'SUCCEEDED' ? (execution.stopDate - execution.startDate) / 1000 : execution.cause;
  };

  test.each([
    [{ Seconds: 30 }, 30],
    [{ Seconds: 0 }, 0],
    [{ Seconds: '{% $states.input.s * 2 %}' }, 10],
    [{ Timestamp: '2026-01-01T01:00:00Z' }, 3600],
    [{ Timestamp: '{% $states.input.at %}' }, 1800],
    [{ Timestamp: '2025-01-01T00:00:00Z' }, 0],
    [{ Timestamp: '2026-01-01T01:00:00.125+00:30' }, 1800.125],
  ])('%j takes %p seconds', async (fields, seconds) => {
    expect(await waited(fields, { s: 5, at: '2026-01-01T01:30:00+01:00' })).toBe(seconds);
  });

  test.each([
    [{ Seconds: '{% -1 %}' }, 'must be an integer from 0 to 99999999'],
    [{ Seconds: '{% 100000000 %}' }, 'must be an integer from 0 to 99999999'],
    [{ Seconds: '{% "1" %}' }, "Expected 'number'"],
    ...['tomorrow', '2026-01-31', '2026-01-31T12:00:00', 'on 2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z (noon)', '2026-13-45T00:00:00Z'].map(
      (Timestamp): [Record<string, unknown>, string] => [{ Timestamp }, 'must be an RFC 3339 timestamp'],
    ),
  ])('%j is refused', async (fields, message) => {
    expect(await waited(fields)).toContain(message);
  });
});

describe('Pass, Succeed and Fail', () => {
  test('a Pass hands on its input, a Succeed ends where it stands', async () => {
    const definition = machine({ A: pass({ Next: 'Stop' }), Stop: { Type: 'Succeed', Output: { got: '{% $states.input %}' } }, B: pass() });
    const execution = await run(definition, { input: 5 });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { got: 5 }, transitions: 2 });
    expect(types(execution)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('a Fail computes its Error and Cause', async () => {
    const stop = { Type: 'Fail', Error: '{% $states.input.name %}', Cause: '{% "[alerted] " & $states.input.why %}' };
    const execution = await run(machine({ Stop: stop }), { input: { name: 'Boom', why: 'so' } });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Boom', cause: '[alerted] so' });
    expect(types(execution)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
  });

  test('a Fail without Error or Cause has none', async () => {
    const execution = await run(machine({ Stop: { Type: 'Fail' } }));
    expect(execution.status).toBe('FAILED');
    expect('error' in execution || 'cause' in execution).toBe(false);
  });

  test('assigned variables are in the history, each as JSON', async () => {
    const { history } = await run(machine({ A: pass({ Assign: { a: 'x', b: { n: 1 } } }) }));
    expect(history[2]).toMatchObject({ stateExitedEventDetails: { assignedVariables: { a: '"x"', b: '{"n":1}' } } });
  });
});
