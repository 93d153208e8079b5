import { App } from 'aws-cdk-lib';
import { EXAMPLES } from '../../../bin/examples';
import { RetryPolicy } from '../../../lib';
import { check, type StateMachineAsl } from '../../../lib/asl';
import { countRun } from '../../../lib/asl/cost/count';
import { observed } from '../../../lib/asl/cost/observed';
import { aslOf, fail, type SimulateOptions, type Simulation, simulate } from '../../../lib/testing';

const PARTS = 3;
/** What the examples call that no step of the library does. */
const handlers = {
  'dynamodb:putItem': () => ({}),
  Ask: () => ({ Item: { status: { S: 'DONE' }, rows: { N: '1000' } } }),
  Look: () => ({ Workgroup: { Status: 'AVAILABLE' } }),
  Compute: () => ({ StopCode: 'EssentialContainerExited' }),
  Record: () => ({}),
};
const stacks = Object.fromEntries(
  Object.entries(EXAMPLES).map(([name, make]) => [name, make(new App({ context: { 'source:table': 'customers', 'source:key': 'customer_id' } }))]),
);
const run = (name: string, options: SimulateOptions = {}) => simulate(stacks[name]!, { handlers, parts: PARTS, ...options });
const counts = ({ transitions, history }: Simulation) => ({ transitions, events: history.length });
const pick = ({ transitions, events }: ReturnType<typeof countRun>) => ({ transitions, events });

const [pipelines, others] = [true, false].map((loads) =>
  Object.keys(EXAMPLES).filter((name) => JSON.stringify(aslOf(stacks[name]!)).includes('"Load: Submit"') === loads),
) as [string[], string[]];

test.each(others)('the estimate of %s, which has no load of its own name, is what the engine counts', async (name) => {
  const counted = await run(name, { statementSeconds: 5 });
  expect(counted.status).toBe('SUCCEEDED');
  const assumptions = {
    parts: PARTS,
    seconds: { LoadCustomers: 5, LoadProducts: 5, Job: 5 },
    ways: { 'Worth telling?': { 'Notify: Publish': 1 } },
  };
  expect(pick(countRun(counted.definition, assumptions, 'expected'))).toEqual(counts(counted));
});

describe.each(pipelines)('the estimate of %s is what the engine counts', (name) => {
  test.each([0, 5, 1800])('for a load of %d s', async (statementSeconds) => {
    const counted = await run(name, { statementSeconds });
    expect(counted.status).toBe('SUCCEEDED');
    expect(pick(countRun(counted.definition, { parts: PARTS, seconds: { Load: statementSeconds, Audit: statementSeconds } }, 'expected'))).toEqual(
      counts(counted),
    );
  });

  test('for a run that finds nothing', async () => {
    const counted = await run(name, { rows: 0 });
    expect(pick(countRun(counted.definition, { rows: 0, seconds: { Load: 5, Audit: 5 } }, 'expected'))).toEqual(counts(counted));
  });

  test('for a load whose statement fails twice and polls again each time, transitions and all', async () => {
    const counted = await run(name, { statements: ['fails', 'fails'], statementSeconds: 100 });
    expect(counted.status).toBe('SUCCEEDED');
    expect(countRun(counted.definition, observed(counted.history), 'expected').transitions).toBe(counted.transitions);
  });

  test('for a step that needs its retries', async () => {
    const counted = await run(name, { faults: [fail('Extract: Run', { times: 2 }), fail('Notify: Publish', { times: 1 })], statementSeconds: 5 });
    const retries = { 'Extract: Run': 2, 'Notify: Publish': 1 };
    expect(pick(countRun(counted.definition, { parts: PARTS, retries, seconds: { Load: 5, Audit: 5 } }, 'expected'))).toEqual(counts(counted));
  });

  test('for a run that fails and alerts, by what its history tells', async () => {
    const counted = await run(name, { faults: [fail('Load: Submit', { times: 99 })] });
    expect(counted.status).toBe('FAILED');
    expect(countRun(counted.definition, observed(counted.history), 'expected').transitions).toBe(counted.transitions);
  });

  test('is no reason to warn', async () => {
    const { definition } = await run(name);
    const rules = check(definition as StateMachineAsl, { retry: RetryPolicy.twice()._render() }).map(({ rule }) => rule);
    expect(rules).not.toContain('map-cost');
    expect(rules).not.toContain('wait-cost');
  });

  test('is between best and worst', async () => {
    const { definition, transitions } = await run(name, { statementSeconds: 0 });
    const [best, expected, worst] = (['best', 'expected', 'worst'] as const).map((kind) => countRun(definition, { parts: PARTS }, kind).transitions);
    expect(best).toBe(transitions);
    expect(expected).toBeGreaterThan(best!);
    expect(worst).toBeGreaterThan(expected!);
  });
});

test('the reference run is short: one part, with a load that is done at the first look, and with one of half an hour', async () => {
  const [instant, half] = [
    await run('orders-to-redshift', { parts: 1, statementSeconds: 0 }),
    await run('orders-to-redshift', { parts: 1, statementSeconds: 1800 }),
  ];
  expect(instant.transitions).toBeLessThanOrEqual(18);
  expect(half.transitions).toBeLessThanOrEqual(95);
});
