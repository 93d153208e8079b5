import type { State } from '../../../lib/asl';
import { broken, choice, machine, pass, sdk, succeed, wait } from '../support';

const polling = (waiting: Partial<State>, asking: Partial<State> = {}) =>
  broken(
    'wait-cost',
    machine({
      Begin: pass({ Assign: { delay: 2 } }),
      Wait: wait(waiting),
      Ask: sdk('redshiftdata:describeStatement', asking),
      Decide: choice({ "$states.input.Status = 'FINISHED'": 'Done' }, 'Wait'),
      Done: succeed(),
    }),
  );

test('a look each 10 s is told what growing intervals and being told take', () => {
  expect(polling({ Seconds: 10 })).toEqual([
    "warning Wait: the loop of wait 'Wait' takes 1,080 state transitions for an hour of waiting ($0.0270); intervals that double from 2 to 120 s " +
      'take 105 ($0.0026), and a task token that a Lambda function behind an SQS queue sends back takes 1',
  ]);
});

test.each([40, 60, 300])('a look each %d s is in order', (Seconds) => {
  expect(polling({ Seconds })).toEqual([]);
});

test('intervals that double are in order, and take as many looks as the message says of them', () => {
  expect(polling({ Seconds: '{% $delay %}' }, { Assign: { delay: '{% $min([$delay * 2, 120]) %}' } })).toEqual([]);
});

test('a wait that nobody knows is in order', () => {
  expect(polling({ Seconds: '{% $unheard %}' })).toEqual([]);
});

test('a loop that counts to a few is in order, however short its wait', () => {
  const counted = machine({
    Begin: pass({ Assign: { n: 0 } }),
    Wait: wait({ Seconds: 1, Assign: { n: '{% $n + 1 %}' } }),
    More: choice({ '$n < 5': 'Wait' }, 'Done'),
    Done: succeed(),
  });
  expect(broken('wait-cost', counted)).toEqual([]);
});
