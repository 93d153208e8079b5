import { Duration, type Stack, Validations } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  Choice,
  Condition,
  CustomState,
  DefinitionBody,
  Fail,
  type IChainable,
  Map as MapState,
  Parallel,
  Pass,
  ProvideItems,
  QueryLanguage,
  StateMachine,
  Succeed,
} from 'aws-cdk-lib/aws-stepfunctions';
import { AlertPolicy, DataPipeline, RetryPolicy } from '../../../lib';
import { prove, proveAlerts } from '../../../lib/testing';
import { testStack } from '../../support/app';

const handlers = { 'sqs:sendMessage': () => ({}), 'sns:publish': () => ({ MessageId: '1' }) };

function task(stack: Stack, id: string, fields: object = {}): CustomState {
  const stateJson = {
    Type: 'Task',
    QueryLanguage: 'JSONata',
    Resource: 'arn:aws:states:::sqs:sendMessage',
    Arguments: { MessageBody: id },
    TimeoutSeconds: 60,
  };
  return new CustomState(stack, id, { stateJson: { ...stateJson, ...fields } });
}

/** A pipeline of native states. */
function pipeline(make: (stack: Stack) => IChainable, props: { alerts?: (topic: Topic) => AlertPolicy; retry?: RetryPolicy } = {}): Stack {
  const stack = testStack();
  const topic = new Topic(stack, 'Team');
  new DataPipeline(stack, 'Pipeline', { definition: make(stack), alerts: (props.alerts ?? AlertPolicy.toTopic)(topic), retry: props.retry });
  return stack;
}

const inParallel = (stack: Stack) =>
  Parallel.jsonata(stack, 'Both')
    .branch(task(stack, 'Left'))
    .branch(MapState.jsonata(stack, 'Each', { items: ProvideItems.jsonata('{% [1, 2, 3] %}') }).itemProcessor(task(stack, 'Right')));

describe('a pipeline of native states', () => {
  test('keeps its promises, nested and side by side', async () => {
    const { cases } = await proveAlerts(pipeline(inParallel), { handlers });
    const both = cases.filter(({ state }) => state === 'Both').map(({ fault }) => fault);
    expect(both).toEqual(expect.arrayContaining(['fails once', 'all inside at once', 'all inside at once, permanent', 'aborted', 'machine timeout']));
    expect(cases.find(({ state, fault }) => state === 'Right' && fault === 'fails 3 times')).toMatchObject({ status: 'FAILED', tries: 3 });
  });

  test('keeps them when only the rule alerts', async () => {
    const { cases } = await proveAlerts(
      pipeline((stack) => task(stack, 'Only'), { alerts: AlertPolicy.onEvent }),
      { handlers },
    );
    expect(new Set(cases.flatMap(({ alerts }) => alerts))).toEqual(new Set([expect.stringMatching(/AlertRule/)]));
  });

  test('that tells nobody is proved wrong, with a table of what was', async () => {
    const proved = proveAlerts(
      pipeline((stack) => task(stack, 'Only'), { alerts: () => AlertPolicy.none() }),
      { handlers },
    );
    await expect(proved).rejects.toThrow(
      /does not keep what its policies promise\n.*\n.*state +fault +in +ended +tries +told\nWRONG +.*\bnobody\n(?:.*\n)*- Only, aborted, in a usual run: ended ABORTED and alerted nobody/,
    );
  });

  test.each([
    [
      'of its own',
      RetryPolicy.custom({ maxAttempts: 4, interval: Duration.seconds(3), backoffRate: 3, maxDelay: Duration.seconds(20), jitter: false }),
      3,
    ],
    ['of a single try', RetryPolicy.none(), 1],
  ])('is held against a retry policy %s', async (_, retry, triesOfThree) => {
    const { cases } = await proveAlerts(
      pipeline((stack) => task(stack, 'Only'), { retry }),
      { handlers },
    );
    const tries = cases.find(({ state, fault }) => state === 'Only' && fault === 'fails twice')!.tries;
    expect(tries).toBe(triesOfThree);
  });

  test('is held against the Retry that a state has of its own', async () => {
    const own = { Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 5, IntervalSeconds: 7, BackoffRate: 1 }] };
    const { cases } = await proveAlerts(
      pipeline((stack) => task(stack, 'Only', own)),
      { handlers },
    );
    expect(cases.find(({ state, fault }) => state === 'Only' && fault === 'fails 3 times')).toMatchObject({ status: 'SUCCEEDED', tries: 4 });
    expect(cases.find(({ state, fault }) => state === 'Only' && fault === 'fails with another error')).toMatchObject({ status: 'FAILED', tries: 1 });
  });

  test('in which a failure is caught and forgotten is proved wrong, unless that is on purpose', async () => {
    const stack = pipeline((made) => {
      const optional = task(made, 'Optional');
      const go = Pass.jsonata(made, 'Go on');
      Validations.of(made).acknowledge({ id: 'Annotation::cdk-data-pipeline:swallowed', reason: 'on purpose' });
      optional.addCatch(go, { errors: ['States.ALL'] });
      return optional.next(go);
    });
    const { violations } = await prove(stack, { handlers });
    expect(violations).toContain("Optional, fails 3 times, in a usual run: ended SUCCEEDED though 'Optional' failed for good");
    await proveAlerts(stack, { handlers, mayFail: ['Optional'] });
  });
});

describe('what no run reaches', () => {
  const stack = pipeline((made) => {
    const rare = task(made, 'Rare');
    return Choice.jsonata(made, 'Which?').when(Condition.jsonata('{% $states.input.rare = true %}'), rare).otherwise(task(made, 'Usual'));
  });

  test('is no proof', async () => {
    expect((await prove(stack, { handlers })).violations).toEqual([expect.stringMatching(/^Rare: no run reached it.*\{ scenarios: \{/)]);
  });

  test('is reached by a scenario', async () => {
    const { cases } = await proveAlerts(stack, { handlers, scenarios: { 'a rare run': { input: { rare: true } } } });
    expect(cases.find(({ state }) => state === 'Rare')!.scenario).toBe('a rare run');
  });
});

describe('a state machine with nothing of this library in it', () => {
  const retry = {
    Retry: [
      { ErrorEquals: ['InvalidInput', 'States.Permissions', 'States.QueryEvaluationError'], MaxAttempts: 0 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 2, IntervalSeconds: 5, BackoffRate: 1, MaxDelaySeconds: 60 },
    ],
  };
  const policy = RetryPolicy.custom({ maxAttempts: 2, interval: Duration.seconds(5), backoffRate: 1, maxDelay: Duration.seconds(60), jitter: false });

  function plain(work: object): Stack {
    const stack = testStack();
    const alert = task(stack, 'Tell', {
      Resource: 'arn:aws:states:::sns:publish',
      Arguments: { TopicArn: 'arn:topic', Message: 'it failed' },
      ...retry,
    });
    const first = task(stack, 'Work', work);
    first.addCatch(alert.next(Fail.jsonata(stack, 'Failed', { error: 'Pipeline.Failed' })), { errors: ['States.ALL'] });
    const definition = first.next(Succeed.jsonata(stack, 'Done'));
    new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromChainable(definition), queryLanguage: QueryLanguage.JSONATA });
    return stack;
  }

  test('is held against the policy that it should have', async () => {
    const { violations } = await prove(plain(retry), { handlers, retry: policy });
    expect(violations.filter((each) => /was tried|waited/.test(each))).toEqual([]);
    // Nothing outside tells of what no Catch sees.
    expect(violations).toContain('Work, aborted, in a usual run: ended ABORTED and alerted nobody');
    expect(violations).toContain("Tell, fails 3 times, in a run that fails at 'Work': ended FAILED and alerted nobody");
    expect(violations.every((each) => /alerted nobody/.test(each))).toBe(true);
  });

  test('without retries is proved wrong', async () => {
    const { violations } = await prove(plain({}), { handlers, retry: policy });
    expect(violations).toContain('Work, fails once, in a usual run: was tried once for Injected.Fault, not 2 times');
  });
});
