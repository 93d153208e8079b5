import { setTimeout } from 'node:timers/promises';
import { VirtualClock } from '../../lib/engine';
import { holdClockForStatements } from '../../lib/local/statements';

const signal = new AbortController().signal;

/** A Data API whose statement takes `realMs` of real time and then has `status`. */
function dataApi(realMs: number, status: string) {
  let now = 'STARTED';
  return {
    'aws-sdk:redshiftdata:batchExecuteStatement': async () => {
      void setTimeout(realMs).then(() => {
        now = status;
      });
      return { Id: 'id' };
    },
    'aws-sdk:redshiftdata:describeStatement': async () => ({ Status: now }),
  };
}

test.each(['FINISHED', 'FAILED', 'ABORTED'])('a virtual clock stands still until the submitted statement has ended: %s', async (status) => {
  const clock = new VirtualClock(0);
  const api = holdClockForStatements(dataApi(60, status), clock);
  await clock.inFlight(() => api['aws-sdk:redshiftdata:batchExecuteStatement']!({}, signal));
  await clock.sleep(2000);
  expect(await api['aws-sdk:redshiftdata:describeStatement']!({ Id: 'id' }, signal)).toEqual({ Status: status });
  expect(clock.now()).toBe(2000);
});

test('the submission is answered at once', async () => {
  const api = holdClockForStatements(dataApi(60, 'FINISHED'), new VirtualClock(0));
  expect(await api['aws-sdk:redshiftdata:batchExecuteStatement']!({}, signal)).toEqual({ Id: 'id' });
  expect(await api['aws-sdk:redshiftdata:describeStatement']!({ Id: 'id' }, signal)).toEqual({ Status: 'STARTED' });
});
