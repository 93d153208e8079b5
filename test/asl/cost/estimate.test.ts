import type { State } from '../../../lib/asl';
import { estimate, PRICES } from '../../../lib/asl/cost';
import { choice, distributed, inOrder, map, pass, succeed, task } from '../support';

const machine = (states: Record<string, State>) => ({ QueryLanguage: 'JSONata', ...inOrder(states) });
const retried = { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }] };

test('transitions cost 25 dollars a million', () => {
  const { expected } = estimate(machine({ One: pass(), Two: pass(), Three: succeed() }));
  expect(expected).toMatchObject({ transitions: 3, events: 8, dollars: { express: 0, services: 0 } });
  expect(expected.dollars.total).toBeCloseTo(3 * 25e-6, 12);
});

test('a Glue job and a Redshift Serverless statement bill a minute at least, functions by memory, publications by number', () => {
  const work = machine({
    Glue: task({ Resource: 'arn:aws:states:::glue:startJobRun.sync' }),
    Function: task(),
    Load: task({ Resource: 'arn:aws:states:::aws-sdk:redshiftdata:batchExecuteStatement', Arguments: { WorkgroupName: 'w' } }),
    Tell: task({ Resource: 'arn:aws:states:::sns:publish' }),
  });
  const sizes = { Function: { memoryMb: 512 }, Glue: { dpus: 4 } };
  const { usage, dollars } = estimate(work, { seconds: { Glue: 5, Function: 20, Load: 90 }, sizes }).expected;
  expect(usage).toEqual({ glueDpuHour: 4 / 60, lambdaRequest: 1, lambdaGbSecond: 10, redshiftRpuHour: (8 * 90) / 3600, snsPublish: 1 });
  expect(dollars.services).toBeCloseTo((4 / 60) * 0.44 + 0.2 * 0.375 + 10 * 0.0000166667 + 0.2e-6 + 0.5e-6, 10);
});

test('prices of your own go first', () => {
  const { expected } = estimate(machine({ Only: succeed() }), {}, { transition: 1 });
  expect(expected.dollars.total).toBe(1);
});

test('the worst run needs every try and pays for it, and the dearest state comes first', () => {
  const { best, worst } = estimate(machine({ Cheap: pass(), Dear: task(retried) }));
  expect([best.transitions, worst.transitions]).toEqual([2, 4]);
  expect(worst.usage.lambdaRequest).toBe(3);
  expect(worst.states.map(({ name }) => name)).toEqual(['Dear', 'Cheap']);
});

test('items of an inline Map are transitions and events of the run; those of standard children transitions, those of Express children requests', () => {
  const inside = { First: pass(), Second: pass() };
  const items = { Each: 1000 };
  const express = { ...distributed(inside), ItemBatcher: { MaxItemsPerBatch: 100 } } as State;
  (express.ItemProcessor as { ProcessorConfig: object }).ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' };
  const expected = (each: State) => estimate(machine({ Each: each }), { items }).expected;
  expect(expected(map(inside))).toMatchObject({ transitions: 2001, events: 6006 });
  expect(expected(distributed(inside))).toMatchObject({ transitions: 2001, events: 8 });
  const { transitions, usage } = expected(express);
  expect({ transitions, usage }).toEqual({ transitions: 1, usage: { expressRequest: 10, expressGbSecond: 0.625 } });
});

test('a choice of which nothing is known goes each way equally often, and the estimate says so', () => {
  const either = machine({ Which: choice({ $unheard: 'Long' }, 'Done'), Long: pass(), Longer: pass(), Done: succeed() });
  const { best, expected, worst, assumed } = estimate(either);
  expect([best.transitions, expected.transitions, worst.transitions]).toEqual([2, 3, 4]);
  expect(assumed).toEqual(["choice 'Which' goes each way equally often"]);
  expect(estimate(either, { ways: { Which: { Long: 1 } } }).expected.transitions).toBe(4);
  expect(estimate(either, { ways: { Which: { Long: 1 } } }).assumed).toEqual([]);
});

test('the run input decides choices that look at it', () => {
  const byInput = machine({ Which: choice({ '$states.context.Execution.Input.big = true': 'Long' }, 'Done'), Long: pass(), Done: succeed() });
  expect([estimate(byInput), estimate(byInput, { input: { big: true } })].map(({ expected }) => expected.transitions)).toEqual([2, 3]);
});

test('every price has a source, and says when it was read there, or not', () => {
  for (const { source, dollars } of Object.values(PRICES)) {
    expect(source).toMatch(/^https:/);
    expect(dollars).toBeGreaterThan(0);
  }
});
