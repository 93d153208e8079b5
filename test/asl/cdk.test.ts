import { App, Duration, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { applyPolicies, check, type StateMachineAsl } from '../../lib/asl';
import { aslOf } from '../../lib/testing';
import { ALERT, HIDDEN, RETRIED, TWICE } from './support';

const { JSONATA } = sfn.QueryLanguage;

/** Keeps what the states of a definition are granted. */
class Definition extends sfn.ChainDefinitionBody {
  public actions: string[] = [];

  public override bind(scope: Stack, principal: never, props: sfn.StateMachineProps, graph: sfn.StateGraph): sfn.DefinitionConfig {
    this.actions = graph.policyStatements.flatMap(({ actions }) => actions);
    return super.bind(scope, principal, props, graph);
  }
}

function render(define: (stack: Stack, fn: LambdaFunction) => sfn.IChainable): { asl: StateMachineAsl; actions: string[] } {
  const stack = new Stack(new App(), 'Stack');
  const fn = new LambdaFunction(stack, 'Function', { code: Code.fromInline('x'), handler: 'index.handler', runtime: Runtime.NODEJS_22_X });
  const body = new Definition(define(stack, fn));
  new sfn.StateMachine(stack, 'Machine', { definitionBody: body, queryLanguage: JSONATA });
  return { asl: aslOf(stack), actions: body.actions };
}

function violations({ asl, actions }: ReturnType<typeof render>): string[] {
  return check(applyPolicies(asl, { retry: TWICE, alert: ALERT }), { retry: TWICE, alert: ALERT, actions }).map(
    ({ rule, state, message }) => `${rule} ${state}: ${message}`,
  );
}

test('the hidden retrier of LambdaInvoke is the one that is removed', () => {
  const { asl } = render((stack, lambdaFunction) => tasks.LambdaInvoke.jsonata(stack, 'Invoke', { lambdaFunction }));
  expect(asl.States.Invoke!.Retry).toEqual([HIDDEN]);
  expect(applyPolicies(asl, { retry: TWICE }).States.Invoke!.Retry).toEqual(RETRIED);
});

test('a retry that a user adds to it stays', () => {
  const { asl } = render((stack, lambdaFunction) =>
    tasks.LambdaInvoke.jsonata(stack, 'Invoke', { lambdaFunction }).addRetry({ errors: ['Slow'], maxAttempts: 5 }),
  );
  expect(applyPolicies(asl, { retry: TWICE }).States.Invoke!.Retry).toEqual([expect.objectContaining({ ErrorEquals: ['Slow'], MaxAttempts: 5 })]);
});

test('a task built with new is refused: its payload is plain text at the top level, and a JSONPath field inside a Map', () => {
  const payload = sfn.TaskInput.fromJsonPathAt('$.x');
  const top = render((stack, lambdaFunction) => new tasks.LambdaInvoke(stack, 'Invoke', { lambdaFunction, payload }));
  expect(violations(top)).toEqual([expect.stringContaining("jsonpath Invoke: task 'Invoke' has the text '$.x' in Arguments.Payload")]);
  const inside = render((stack, lambdaFunction) =>
    sfn.Map.jsonata(stack, 'Each').itemProcessor(new tasks.LambdaInvoke(stack, 'Invoke', { lambdaFunction, payload })),
  );
  expect(violations(inside)).toEqual([expect.stringContaining("jsonpath Invoke: task 'Invoke' has the JSONPath field Parameters")]);
});

test('a Catch with resultPath and a Condition in JSONPath are refused', () => {
  const rendered = render((stack, lambdaFunction) => {
    const done = new sfn.Succeed(stack, 'Done');
    const invoke = tasks.LambdaInvoke.jsonata(stack, 'Invoke', { lambdaFunction }).addCatch(done, { errors: ['Empty'], resultPath: '$.error' });
    return invoke.next(new sfn.Choice(stack, 'Any').when(sfn.Condition.isPresent('$.x'), done).otherwise(done));
  });
  expect(violations(rendered)).toEqual([
    expect.stringContaining('ResultPath in Catch[0]'),
    expect.stringContaining("has a rule to 'Done' without Condition"),
  ]);
});

test('bare Pass and Succeed states are in order', () => {
  expect(violations(render((stack) => new sfn.Pass(stack, 'Pass').next(new sfn.Succeed(stack, 'Done'))))).toEqual([]);
});

test('a Glue job has no NotificationProperty that is null', () => {
  const { asl } = render((stack) =>
    tasks.GlueStartJobRun.jsonata(stack, 'Convert', { glueJobName: 'job', integrationPattern: sfn.IntegrationPattern.RUN_JOB }),
  );
  expect(asl.States.Convert!.Arguments).toEqual({ JobName: 'job', NotificationProperty: null });
  expect(applyPolicies(asl, { retry: TWICE }).States.Convert!.Arguments).toEqual({ JobName: 'job' });
});

test('the action that CallAwsService grants for Redshift is refused, the right one is not', () => {
  const submit = (iamAction?: string) =>
    render((stack) =>
      tasks.CallAwsService.jsonata(stack, 'Submit', {
        service: 'redshiftdata',
        action: 'batchExecuteStatement',
        parameters: { Sqls: ['SELECT 1'] },
        iamResources: ['*'],
        iamAction,
      }),
    );
  expect(violations(submit())).toEqual([expect.stringContaining("iam-prefix Submit: task 'Submit' is granted 'redshiftdata:batchExecuteStatement'")]);
  expect(violations(submit('redshift-data:BatchExecuteStatement'))).toEqual([]);
});

test('a step joined twice is a circle', () => {
  const rendered = render((stack) => {
    const [a, b] = [sfn.Pass.jsonata(stack, 'A'), sfn.Pass.jsonata(stack, 'B')];
    return a.next(b).next(a);
  });
  expect(violations(rendered)).toEqual([expect.stringContaining("cycles A: nothing leaves the circle of 'A' and 'B'")]);
});

test('Parallel, Map, distributed Map, Wait and Choice as CDK renders them are in order once the policies are applied', () => {
  const rendered = render((stack, lambdaFunction) => {
    const invoke = (id: string) =>
      tasks.LambdaInvoke.jsonata(stack, id, { lambdaFunction, payload: sfn.TaskInput.fromObject({ item: '{% $states.input %}' }) });
    const files = sfn.DistributedMap.jsonata(stack, 'Files', {
      itemReader: new sfn.S3JsonItemReader({ bucket: new Bucket(stack, 'Bucket'), key: '{% $key %}' }),
      itemSelector: { value: '{% $states.context.Map.Item.Value %}' },
    });
    const decide = sfn.Choice.jsonata(stack, 'Decide').when(
      sfn.Condition.jsonata('{% $delay > 60 %}'),
      sfn.Fail.jsonata(stack, 'Late', { error: 'Late', cause: "{% 'after ' & $string($delay) %}" }),
    );
    return sfn.Pass.jsonata(stack, 'Begin', { assign: { delay: 2, key: '{% $states.context.Execution.Name %}' } })
      .next(
        sfn.Parallel.jsonata(stack, 'Both')
          .branch(invoke('One'))
          .branch(sfn.Map.jsonata(stack, 'Each', { maxConcurrency: 2 }).itemProcessor(invoke('Two'))),
      )
      .next(files.itemProcessor(invoke('Three')))
      .next(sfn.Wait.jsonata(stack, 'Wait', { time: sfn.WaitTime.duration(Duration.seconds(5)) }))
      .next(decide.otherwise(sfn.Succeed.jsonata(stack, 'Done')));
  });
  expect(violations(rendered)).toEqual([]);
});
