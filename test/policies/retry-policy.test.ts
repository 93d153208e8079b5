import { Duration } from 'aws-cdk-lib';
import { RetryPolicy } from '../../lib';

test('twice is three tries with backoff, cap and full jitter', () => {
  expect(RetryPolicy.twice()._render()).toMatchObject({ maxAttempts: 2, intervalSeconds: 20, backoffRate: 2, maxDelaySeconds: 300, jitter: true });
});

test('errors that can never succeed are permanent, a policy of your own adds to them', () => {
  const { permanentErrors } = RetryPolicy.custom({ maxAttempts: 5, permanentErrors: ['BadOrder'] })._render();
  expect(permanentErrors).toEqual(
    expect.arrayContaining([
      'States.QueryEvaluationError',
      'States.Permissions',
      'DynamoDB.ConditionalCheckFailedException',
      'InvalidInput',
      'BadOrder',
    ]),
  );
});

test('none is one try', () => {
  expect(RetryPolicy.none().maxAttempts).toBe(0);
});

test('the waits can be set', () => {
  const policy = RetryPolicy.twice({ interval: Duration.seconds(5), backoffRate: 1.5, maxDelay: Duration.seconds(30), jitter: false });
  expect(policy._render()).toMatchObject({ intervalSeconds: 5, backoffRate: 1.5, maxDelaySeconds: 30, jitter: false });
});

test('an interval longer than the default cap lifts the cap, which must be longer', () => {
  expect(RetryPolicy.twice({ interval: Duration.minutes(10) })._render()).toMatchObject({ intervalSeconds: 600, maxDelaySeconds: 601 });
});

test.each([
  [{ maxAttempts: -1 }, 'retry policy: maxAttempts must be a whole number from 0 to 99999999, got -1'],
  [{ maxAttempts: 1.5 }, 'retry policy: maxAttempts must be a whole number from 0 to 99999999, got 1.5'],
  [{ maxAttempts: Number.NaN }, 'retry policy: maxAttempts must be a whole number from 0 to 99999999, got NaN'],
  [{ maxAttempts: 1, interval: Duration.millis(500) }, 'retry policy: interval in seconds must be a whole number from 1 to 99999999, got 0.5'],
  [{ maxAttempts: 1, backoffRate: 0.5 }, 'retry policy: backoffRate must be at least 1, got 0.5'],
  [
    { maxAttempts: 1, interval: Duration.seconds(9), maxDelay: Duration.seconds(9) },
    'retry policy: maxDelay (9 s) must be longer than interval (9 s)',
  ],
  [{ maxAttempts: 1, maxDelay: Duration.days(400) }, 'retry policy: maxDelay in seconds must be a whole number from 1 to 31622399, got 34560000'],
])('fails when it is %j', (props, message) => {
  expect(() => RetryPolicy.custom(props)).toThrow(message);
});
