import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RetryPolicy } from '../../lib';
import { check, type StateMachineAsl } from '../../lib/asl';

// Definitions that the real service accepted and ran: what the check refuses of them must have a reason.
const FILE = join(__dirname, '..', '..', '..', 'shared', 'recorded-asl', 'executions.json');

interface Recording {
  readonly name: string;
  readonly definition: StateMachineAsl;
}

/** Findings on purpose: the service runs these, and each is a mistake or looks like one. */
const ON_PURPOSE = new Map([
  ['BASE_LAMBDA_LITERALS', ['jsonata-syntax']], // text around {% %} stays text
  ['LIST_RICH', ['jsonpath']], // '$.no.such.path' as text
  ['test_math_random_seeded', ['variables']], // it fails on the service too
  ['CHOICE_STATE_UNSORTED_CHOICE_PARAMETERS', ['choice-default']], // a run that no rule fits fails
  ['PARALLEL_CATCH_ERROR_VARIABLE_SAMPLING', ['variables']], // reads a variable on a way that this run did not take
]);

const POLICY_RULES = ['retry', 'alert', 'nested-retry', 'catch-all-last'];

test('the check finds nothing wrong with what the service accepted, but for what is named here', () => {
  const recordings = JSON.parse(readFileSync(FILE, 'utf8')) as Recording[];
  const found = recordings.flatMap(({ name, definition }) => {
    const violations = check({ QueryLanguage: 'JSONata', ...definition }, { retry: RetryPolicy.none()._render() });
    const errors = violations.filter(({ severity, rule }) => severity === 'error' && !POLICY_RULES.includes(rule));
    const allowed = [...ON_PURPOSE].find(([part]) => name.includes(part))?.[1] ?? [];
    return errors.filter(({ rule }) => !allowed.includes(rule)).map(({ message }) => `${name}: ${message}`);
  });
  expect([recordings.length, found]).toEqual([65, []]);
});
