import { expect, test } from '@jest/globals';
import { simulate } from '../../../lib/testing';
import '../../../lib/testing/jest/setup';

const definition = { QueryLanguage: 'JSONata', StartAt: 'Only', States: { Only: { Type: 'Succeed' } } };

test('the matchers are those of the expect of @jest/globals, too, and known to TypeScript', async () => {
  const run = await simulate(definition);
  expect(run).toHaveSucceeded();
  expect(run).not.toHaveFailedWith('States.Timeout', 'because');
  expect(run).not.toHaveAlertedOnce();
  expect(run).not.toHavePublished({ topic: expect.stringContaining('alerts') });
  await expect(simulate(definition)).resolves.toHaveSucceeded();
  // @ts-expect-error a matcher takes what it takes
  expect(() => expect(run).toHaveRetried('Only', 'twice')).toThrow();
  // @ts-expect-error and there are no others
  expect(() => expect(run).toHaveEnded()).toThrow();
});
