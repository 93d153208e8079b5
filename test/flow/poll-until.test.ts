import { Duration } from 'aws-cdk-lib';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { PollUntil, type PollUntilProps } from '../../lib';
import { fail, type SimulateOptions, simulate } from '../../lib/testing';
import { testStack } from '../support/app';
import { pipelineOf, synthErrors } from '../support/stacks';

const MINUTE = 60;

function polling(props: Partial<PollUntilProps> = {}) {
  const stack = testStack();
  const poll = CallAwsService.jsonata(stack, 'Ask', {
    service: 'rds',
    action: 'describeExportTasks',
    parameters: { ExportTaskIdentifier: '{% $states.context.Execution.Name %}' },
    iamResources: ['*'],
    outputs: "{% { 'status': $states.result.ExportTasks[0].Status } %}",
  });
  pipelineOf(
    stack,
    new PollUntil(stack, 'Export', {
      poll,
      status: '{% $states.input.status %}',
      succeeded: ['COMPLETE'],
      failed: ['FAILED', 'CANCELED'],
      deadline: Duration.hours(1),
      ...props,
    }),
  );
  return stack;
}

/** Answers with the statuses in turn, the last for ever. */
function answering(...statuses: string[]): Pick<SimulateOptions, 'handlers'> {
  let asked = 0;
  return { handlers: { Ask: () => ({ ExportTasks: [{ Status: statuses[Math.min(asked++, statuses.length - 1)] }] }) } };
}

const gaps = (times: readonly number[]) => times.slice(1).map((time, index) => Math.round((time - times[index]!) / 1000));

test('asks at growing intervals until the job is done, and gives the last answer', async () => {
  const stack = polling();
  expect(synthErrors(stack)).toBe('');
  const run = await simulate(stack, answering(...Array<string>(7).fill('IN_PROGRESS'), 'COMPLETE'));
  expect(run.status).toBe('SUCCEEDED');
  expect(run.output).toEqual({ status: 'COMPLETE' });
  const waited = run.history.filter(({ type }) => type === 'WaitStateEntered').map(({ timestamp }) => Number(timestamp));
  expect(gaps(waited)).toEqual([5, 10, 20, 40, 80, 120, 120]);
});

test.each(['FAILED', 'CANCELED'])('the status %s ends the run at once, told once, in its words', async (status) => {
  const run = await simulate(polling(), answering('IN_PROGRESS', status));
  expect([run.status, run.error, run.published.length]).toEqual(['FAILED', 'Poll.Failed', 1]);
  expect(run.cause).toContain(`Export ended with the status ${status}`);
});

test('a status that nobody named is one of a job on its way, and the deadline ends that', async () => {
  const run = await simulate(polling(), answering('LOST'));
  expect([run.status, run.error, run.published.length]).toEqual(['FAILED', 'Poll.TimedOut', 1]);
  const seconds = (Number(run.history.at(-1)!.timestamp) - Number(run.history[0]!.timestamp)) / 1000;
  expect(seconds).toBeGreaterThanOrEqual(60 * MINUTE);
  expect(seconds).toBeLessThan(63 * MINUTE);
});

test('a question that fails is asked three times, and then told of once', async () => {
  const run = await simulate(polling(), { ...answering('COMPLETE'), faults: [fail('Ask')] });
  expect([run.status, run.attempts.Ask!.length, run.published.length]).toEqual(['FAILED', 3, 1]);
});

test.each<[string, Partial<PollUntilProps>, string]>([
  ['no status that is a success', { succeeded: [] }, 'succeeded is empty; name every status'],
  ['no status that is a failure', { failed: [] }, 'failed is empty; name every status'],
  ['a status in both lists', { failed: ['COMPLETE'] }, "the status 'COMPLETE' is in succeeded and in failed"],
  ['a status that is plain text', { status: 'status' }, "the status 'status' is no JSONata"],
  ['more questions than a history holds', { deadline: Duration.days(30) }, 'raise maxInterval or interval'],
  ['more of them at one interval', { deadline: Duration.hours(3), backoffRate: 1 }, 'raise maxInterval or interval'],
  ['waits that shrink', { backoffRate: 0.5 }, 'backoffRate is 0.5'],
  ['no waits', { interval: Duration.seconds(0) }, 'interval is 0 s'],
])('fails with %s', (_, props, message) => {
  expect(() => polling(props)).toThrow(`[Test/Export] `);
  expect(() => polling(props)).toThrow(message);
});
