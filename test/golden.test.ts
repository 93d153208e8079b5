import { RetryPolicy } from '../lib';
import { check, type State, type StateMachineAsl, type States } from '../lib/asl';
import { golden } from './support/golden';

// A definition is only as safe as what happens when a line of it is lost. Each case takes one Retry, Catch or way out of a golden file by hand.
const names = ['minimal', 'orders-to-redshift', 'custom-step', 'own-table'];
const custom: Record<string, number> = { 'Clean: Part': 1, 'Clean: Finish': 1 };

const violations = (asl: StateMachineAsl) =>
  check(asl, { retry: RetryPolicy.twice()._render(), alert: { startAt: 'Alert: Publish' } }).filter(({ severity }) => severity === 'error');

/** Every state with the way to it, so that a copy of the definition can be changed there. */
function statesOf(states: States, path: string[] = []): { name: string; path: string[]; state: State }[] {
  return Object.entries(states.States).flatMap(([name, state]) => {
    const here = [...path, 'States', name];
    const inner = [
      ...(state.Branches ?? []).flatMap((branch, index) => statesOf(branch, [...here, 'Branches', String(index)])),
      ...(state.ItemProcessor ? statesOf(state.ItemProcessor, [...here, 'ItemProcessor']) : []),
    ];
    return [{ name, path: here, state }, ...inner];
  });
}

function changed(asl: StateMachineAsl, path: string[], change: (state: Record<string, unknown>) => void): StateMachineAsl {
  const copy = structuredClone(asl);
  change(path.reduce((value, key) => (value as Record<string, unknown>)[key] as Record<string, unknown>, copy as unknown as Record<string, unknown>));
  return copy;
}

describe.each(names)('%s', (name) => {
  const asl = golden(name);
  const all = statesOf(asl);

  test('every task has one retrier with attempts, which are two unless its step says otherwise', () => {
    for (const {
      name: state,
      state: { Retry },
    } of all.filter(({ state }) => state.Type === 'Task')) {
      const attempts = Retry!.map(({ MaxAttempts }) => MaxAttempts).filter((count) => count !== 0);
      expect([state, attempts]).toEqual([state, [(name === 'custom-step' && custom[state]) || 2]]);
    }
  });

  test('nothing is wrong with it', () => {
    expect(violations(asl)).toEqual([]);
  });

  const retried = all.filter(({ state }) => state.Retry && state.Type === 'Task');
  test.each(retried)('without the Retry of $name it is refused', ({ path }) => {
    expect(violations(changed(asl, path, (state) => delete state.Retry))).not.toEqual([]);
  });

  const alerting = ({ Next }: { Next: string }) => Next.startsWith('Alert: ');
  const caught = all.filter(({ state }) => state.Catch?.some(alerting));
  test.each(caught)('without the Catch of $name it is refused', ({ path }) => {
    expect(violations(changed(asl, path, (state) => delete state.Catch))).not.toEqual([]);
  });

  const containers = all.filter(({ state }) => state.Type === 'Parallel' || state.Type === 'Map');
  test.each(containers)('with a Retry of everything around the tasks of $name it is refused', ({ path }) => {
    const retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }];
    expect(violations(changed(asl, path, (state) => Object.assign(state, { Retry: retry })))).not.toEqual([]);
  });

  const terminal = ['FINISHED', 'FAILED', 'ABORTED'];
  test.each(terminal)('without the way out for %s the wait is refused', (status) => {
    const { path } = all.find(({ name: state }) => state === 'Load: Status')!;
    const without = changed(asl, path, (state) => {
      state.Choices = (state.Choices as { Condition: string }[]).filter(({ Condition }) => !Condition.includes(`'${status}'`));
    });
    expect(violations(without)).not.toEqual([]);
  });
});
