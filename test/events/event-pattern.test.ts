import { targetInput } from '../../lib/events/event-input';
import { matchesPattern } from '../../lib/events/event-pattern';

const event = {
  source: 'aws.states',
  resources: ['arn:one', 'arn:two'],
  detail: { status: 'FAILED', cause: null as string | null, error: 'Some "error"', count: 3 },
};
const withCause = (cause: unknown) => ({ detail: { ...event.detail, cause } });

/** The pattern of the alert rule, as `events.Match` renders it. */
const unlessAlerted = { detail: { cause: [{ exists: false }, null, { 'anything-but': { prefix: '[alerted] ' } }] } };

describe('a pattern', () => {
  test.each<[string, object, boolean]>([
    ['an exact value', { source: ['aws.states'] }, true],
    ['one of several values', { detail: { status: ['TIMED_OUT', 'FAILED'] } }, true],
    ['none of several values', { detail: { status: ['TIMED_OUT', 'ABORTED'] } }, false],
    ['every field, not just one', { source: ['aws.states'], detail: { status: ['ABORTED'] } }, false],
    ['an element of a list', { resources: ['arn:two'] }, true],
    ['null', { detail: { cause: [null] } }, true],
    ['null where there is none', { detail: { missing: [null] } }, false],
    ['a number', { detail: { count: [3] } }, true],
    ['a prefix', { detail: { status: [{ prefix: 'FA' }] } }, true],
    ['another prefix', { detail: { status: [{ prefix: 'AI' }] } }, false],
    ['a suffix', { detail: { status: [{ suffix: 'LED' }] } }, true],
    ['a field that exists', { detail: { status: [{ exists: true }] } }, true],
    ['a field that must not exist', { detail: { status: [{ exists: false }] } }, false],
    ['anything but a value', { detail: { status: [{ 'anything-but': 'SUCCEEDED' }] } }, true],
    ['anything but a list', { detail: { status: [{ 'anything-but': ['SUCCEEDED', 'FAILED'] }] } }, false],
    ['anything but, on a missing field', { detail: { missing: [{ 'anything-but': 'x' }] } }, false],
    ['a field below a missing one', { nowhere: { at: ['all'] } }, false],
  ])('judges %s', (_, pattern, expected) => expect(matchesPattern(pattern as Record<string, unknown>, event)).toBe(expected));

  test.each([
    ['absent', undefined, true],
    ['null', null, true],
    ['new', 'States.Runtime', true],
    ['already told', '[alerted] States.Runtime', false],
  ])('of the alert rule: a cause that is %s', (_, cause, expected) => {
    const judged = cause === undefined ? { detail: { status: 'FAILED' } } : withCause(cause);
    expect(matchesPattern(unlessAlerted, judged)).toBe(expected);
  });

  test('with an operator that is not emulated is an error', () => {
    expect(() => matchesPattern({ detail: { count: [{ numeric: ['>', 1] }] } }, event)).toThrow("detail.count: operator 'numeric' is not emulated");
  });
});

describe('the input of a target', () => {
  const transform = (InputTemplate: string, InputPathsMap: Record<string, string> = {}) =>
    targetInput({ arn: 'arn', inputTransformer: { InputPathsMap, InputTemplate } }, event);

  test('is the event, a constant or a part of the event', () => {
    expect(JSON.parse(targetInput({ arn: 'arn' }, event))).toEqual(event);
    expect(targetInput({ arn: 'arn', input: '"fixed"' }, event)).toBe('"fixed"');
    expect(targetInput({ arn: 'arn', inputPath: '$.detail.count' }, event)).toBe('3');
  });

  test('is a template whose variables are JSON outside of strings and escaped text inside', () => {
    const message = transform('{"error":<error>,"text":"run \\"x\\": <error> (<count>)","second":<second>}', {
      error: '$.detail.error',
      count: '$.detail.count',
      second: '$.resources[1]',
    });
    expect(JSON.parse(message)).toEqual({ error: 'Some "error"', text: 'run "x": Some "error" (3)', second: 'arn:two' });
  });

  test('has an empty text for a path that leads nowhere', () => {
    expect(transform('{"a":<gone>,"b":"[<gone>]"}', { gone: '$.detail.gone.further' })).toBe('{"a":"","b":"[]"}');
  });

  test('refuses a variable without a path and a path that is not emulated', () => {
    expect(() => transform('"<what>"', { other: '$.detail' })).toThrow("'<what>' is not in InputPathsMap, which has: other");
    expect(() => transform('"<all>"', { all: '$..detail' })).toThrow("input path '$..detail' is not emulated");
  });
});
