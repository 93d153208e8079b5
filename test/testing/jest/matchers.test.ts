import { OrdersToRedshiftStack } from '../../../examples/orders-to-redshift/stack';
import { abortAt, fail, type Simulation, simulate } from '../../../lib/testing';
import '../../../lib/testing/jest/setup';
import { testApp } from '../../support/app';

const stack = new OrdersToRedshiftStack(testApp(), 'Orders');
const simulated = (...faults: ReturnType<typeof fail>[]) => simulate(stack, { faults });

/** What a matcher says when it fails. */
function said(assertion: () => unknown): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the assertion held');
}

describe('toHaveSucceeded', () => {
  test('holds for a run that succeeded and for no other', async () => {
    expect(await simulated()).toHaveSucceeded();
    const failed = await simulated(fail('Load', { cause: 'because' }));
    expect(failed).not.toHaveSucceeded();
    expect(said(() => expect(failed).toHaveSucceeded())).toBe(
      'expected the run to have succeeded\nit ended FAILED with Injected.Fault: [alerted] because',
    );
  });
});

describe('toHaveFailedWith', () => {
  test('compares the error, and looks for a cause', async () => {
    const run = await simulated(fail('Load', { error: 'Broken', cause: 'because' }));
    expect(run).toHaveFailedWith('Broken');
    expect(run).toHaveFailedWith('Broken', 'because');
    expect(run).toHaveFailedWith('Broken', /^\[alerted\] because$/);
    expect(run).not.toHaveFailedWith('Other');
    expect(run).not.toHaveFailedWith('Broken', 'for another reason');
    expect(await simulated(abortAt('Load: Wait'))).not.toHaveFailedWith('Broken');
  });
});

describe('toHaveRetried', () => {
  test('counts the retries of a state in one visit, and of the state of a step that was retried most', async () => {
    const run = await simulated(fail('Load', { times: 2 }), fail('Clean', { times: 1 }));
    expect(run).toHaveRetried('Load: Submit', 2);
    expect(run).toHaveRetried('Load', 2);
    expect(run).toHaveRetried('Clean: Part', 1);
    expect(run).toHaveRetried('Parquet', 0);
    expect(run).not.toHaveRetried('Load', 1);
    expect(said(() => expect(run).toHaveRetried('Load: Submit', 1))).toContain(
      'it was retried 2 times: Load: Submit at 20 s (Injected.Fault), Load: Submit at 40 s (Injected.Fault), Load: Submit at 80 s\n',
    );
  });

  test('counts no visit of a loop twice', async () => {
    expect(await simulate(stack, { statementSeconds: 100 })).toHaveRetried('Load: Describe', 0);
  });

  test('of what was never tried is wrong, of what is not there an error', async () => {
    const run = await simulated(fail('Extract'));
    expect(run).not.toHaveRetried('Load', 0);
    expect(said(() => expect(run).toHaveRetried('Load', 0))).toContain('it was never tried');
    expect(() => expect(run).toHaveRetried('Lode', 0)).toThrow("there is no state or step 'Lode'; the machine has the states 'Run: Start'");
  });
});

describe('toHaveAlertedOnce', () => {
  test('holds for one alert, from wherever', async () => {
    expect(await simulated(fail('Load'))).toHaveAlertedOnce();
    expect(await simulated(abortAt('Load: Wait'))).toHaveAlertedOnce();
    const run = await simulated();
    expect(said(() => expect(run).toHaveAlertedOnce())).toContain('nobody was alerted');
  });

  test('does not hold for two', async () => {
    const run = await simulated(fail('Load'));
    const twice: Simulation = { ...run, alerts: [...run.alerts, ...run.alerts] };
    expect(twice).not.toHaveAlertedOnce();
  });
});

describe('toHavePublished', () => {
  test('takes a text, a pattern or fields', async () => {
    const run = await simulated();
    expect(run).toHavePublished('1000 rows');
    expect(run).toHavePublished(/^Counts: .*loaded 1000/m);
    expect(run).toHavePublished({ by: 'Notify: Publish', from: 'machine', alert: false, message: expect.stringContaining('Loaded.') });
    expect(run).not.toHavePublished('FAILED');
    expect(run).not.toHavePublished({ by: 'Notify: Publish', alert: true });
    expect(said(() => expect(run).toHavePublished('nothing such'))).toContain('published: Notify: Publish: OK ');
  });
});

test('what is no simulated run is refused with what to write', () => {
  expect(() => expect(simulate(stack)).toHaveSucceeded()).toThrow('got a promise of one; write expect(await simulate(stack))');
  expect(() => expect(stack).toHaveAlertedOnce()).toThrow('expected a simulated run, got object');
});
