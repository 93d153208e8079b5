import { MinimalStack } from '../../examples/minimal/stack';
import { abortAt, aslOf, fail, mermaidOf, simulate } from '../../lib/testing';
import { testApp } from '../support/app';

const stack = new MinimalStack(testApp(), 'Minimal');

test('a stack, a definition and a run are drawn alike', async () => {
  const plain = mermaidOf(stack);
  expect(mermaidOf(aslOf(stack))).toBe(plain);
  expect(plain).not.toContain('classDef');
  expect(mermaidOf(await simulate(stack))).toContain('classDef done');
});

test('a run shows how often its states were tried, and which failed', async () => {
  const drawn = mermaidOf(await simulate(stack, { faults: [fail('Load'), fail('Clean', { times: 1 })] }));
  expect(drawn).toContain('"Load: Submit (3 tries) FAILED"');
  expect(drawn).toContain('"Load: Transaction FAILED"');
  expect(drawn).toContain('"Clean: Part (2 tries)"');
  expect(drawn).toContain('"Extract: Run"');
  expect(drawn).toContain('"Notify: Publish"');
});

test('a run that was stopped shows where', async () => {
  const drawn = mermaidOf(await simulate(stack, { faults: [abortAt('Load: Wait')] }));
  expect(drawn).toContain('"Load: Wait FAILED"');
  expect(drawn).not.toContain('"Load: Submit FAILED"');
});
