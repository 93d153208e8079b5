import { equalsScrubbed } from '../../../lib/engine/replay/scrubbed';

test.each<[unknown, unknown, boolean]>([
  [1, 1, true],
  [1, 2, false],
  [null, null, true],
  [null, {}, false],
  [undefined, undefined, true],
  ['a', 'a', true],
  ['a', 'b', false],
  [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [{ a: undefined }, { b: undefined }, false],
  [[1], { 0: 1 }, false],
  [[1, 2], [1], false],
  ['8f6c', '<uuid:1>', true],
  [8, '<uuid:1>', false],
  ['arn:aws:lambda:us-east-1:123456789012:function:f', 'arn:<partition>:lambda:<region>:111111111111:function:<name>', true],
  ['arn:aws:sns:us-east-1:123456789012:function:f', 'arn:<partition>:lambda:<region>:111111111111:function:<name>', false],
  ['id 111111111111', 'id 111111111111', true],
  ['id 12345678901', 'id 111111111111', false],
  ['a.b', 'a.<x>', true],
  ['axb', 'a.<x>', false],
  ['2026-01-01T00:00:00.000Z', 'timestamp', true],
  [1_700_000_000, 'timestamp', true],
  ['f', 'lambda_function_name', true],
  ['other', 'function', false],
  ['1 < 2', '1 < 3', false],
])('%j against the recorded %j: %p', (value, recorded, equal) => {
  expect(equalsScrubbed(value, recorded)).toBe(equal);
});
