import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  type IChainable,
  Map as MapState,
  Parallel,
  Pass,
  ProvideItems,
  QueryLanguage,
  StateMachine,
  StateMachineType,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService, LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { AlertPolicy, PipelineDefinition, RetryPolicy } from '../../lib';
import { aslOf } from '../../lib/testing';
import { testStack } from '../support/app';
import { synthErrors } from '../support/stacks';

function handWritten(make: (stack: Stack, fn: LambdaFunction) => IChainable): Stack {
  const stack = testStack();
  const fn = new LambdaFunction(stack, 'Fn', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = 0'),
  });
  new StateMachine(stack, 'Machine', {
    queryLanguage: QueryLanguage.JSONATA,
    definitionBody: new PipelineDefinition(make(stack, fn), { alerts: AlertPolicy.toTopic(new Topic(stack, 'Topic')) }),
  });
  return stack;
}

test('a state machine written by hand gets the same policies, however deep its states are', () => {
  const stack = handWritten((scope, fn) => {
    const inner = LambdaInvoke.jsonata(scope, 'Inner', { lambdaFunction: fn });
    const each = MapState.jsonata(scope, 'Each', { items: ProvideItems.jsonArray([1, 2]) }).itemProcessor(inner);
    return Parallel.jsonata(scope, 'Both').branch(each);
  });
  const asl = aslOf(stack) as unknown as {
    States: {
      Both: {
        Catch: unknown;
        Retry?: unknown;
        Branches: [{ States: { Each: { Retry?: unknown; Catch?: unknown; ItemProcessor: { States: { Inner: { Retry: unknown[] } } } } } }];
      };
    };
  };
  const each = asl.States.Both.Branches[0].States.Each;
  expect(each.ItemProcessor.States.Inner.Retry).toEqual([
    { ErrorEquals: expect.arrayContaining(['InvalidInput']), MaxAttempts: 0 },
    { ErrorEquals: ['States.ALL'], IntervalSeconds: 20, MaxAttempts: 2, BackoffRate: 2, MaxDelaySeconds: 300, JitterStrategy: 'FULL' },
  ]);
  expect([each.Retry, each.Catch, asl.States.Both.Retry]).toEqual([undefined, undefined, undefined]);
  expect(asl.States.Both.Catch).toBeDefined();
  expect(synthErrors(stack)).toBe('');
});

test('reports everything that is wrong at once, with state and remedy', () => {
  const stack = handWritten((scope, fn) =>
    Pass.jsonata(scope, 'Begin', { outputs: '{% $nowhere %}' })
      .next(new LambdaInvoke(scope, 'Old', { lambdaFunction: fn, payload: TaskInput.fromJsonPathAt('$.x') }))
      .next(CallAwsService.jsonata(scope, 'Sql', { service: 'redshiftdata', action: 'executeStatement', iamResources: ['*'] })),
  );
  const errors = synthErrors(stack);
  expect(errors).toMatch(/'Begin'.*\$nowhere/);
  expect(errors).toMatch(/'Old'/);
  expect(errors).toMatch(/redshift-data:ExecuteStatement/);
  expect(() => Template.fromStack(stack)).toThrow(/nowhere/);
});

test("a Catch of States.ALL of the user's own is a warning, not an error", () => {
  const stack = handWritten((scope, fn) => {
    const own = Pass.jsonata(scope, 'Own');
    return LambdaInvoke.jsonata(scope, 'Task', { lambdaFunction: fn }).addCatch(own);
  });
  expect(synthErrors(stack)).toBe('');
  Annotations.fromStack(stack).hasWarning('/Test/Machine', Match.stringLikeRegexp("'Task'.*States.ALL"));
});

test('fails in a JSONPath machine', () => {
  const stack = testStack();
  const definitionBody = new PipelineDefinition(Pass.jsonata(stack, 'Begin'), { alerts: AlertPolicy.none(), retry: RetryPolicy.none() });
  expect(() => new StateMachine(stack, 'Machine', { definitionBody })).toThrow(
    /\[Test\/Machine\] the state machine's queryLanguage must be QueryLanguage.JSONATA/,
  );
});

test('fails in an Express machine', () => {
  const stack = testStack();
  const definitionBody = new PipelineDefinition(Pass.jsonata(stack, 'Begin'), { alerts: AlertPolicy.none() });
  const props = { definitionBody, queryLanguage: QueryLanguage.JSONATA, stateMachineType: StateMachineType.EXPRESS };
  expect(() => new StateMachine(stack, 'Machine', props)).toThrow('an Express state machine emits no status events');
});
