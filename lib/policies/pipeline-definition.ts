import { Annotations, ArnFormat, Lazy, Stack, Token, Tokenization } from 'aws-cdk-lib';
import { type IPrincipal, type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  ChainDefinitionBody,
  type DefinitionConfig,
  type IChainable,
  JsonPath,
  QueryLanguage,
  type StateGraph,
  type StateMachine,
  type StateMachineProps,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { applyPolicies, check, type StateMachineAsl, stripMarkers } from '../asl';
import { type CheckpointPlace, withRunInput } from '../asl/run-input';
import { requestedPolicies } from '../asl/state-policies';
import { walk } from '../asl/walk';
import { acknowledgeAtSynthesis, acknowledgeExplained } from '../private/acknowledge';
import { keepStatements } from '../private/bucket-access';
import { bucketOfSteps } from '../private/bucket-of-steps';
import { PipelineError } from '../private/error';
import { RUNS } from '../private/keys';
import type { AlertPolicy } from './alert-policy';
import { rememberPolicies } from './requested';
import { RetryPolicy } from './retry-policy';

/** Which policies a definition gets. */
export interface PipelineDefinitionProps {
  /** Who is told when a run ends without success. */
  readonly alerts: AlertPolicy;

  /**
   * How often a failed task is tried again.
   * @default RetryPolicy.twice()
   */
  readonly retry?: RetryPolicy;

  /**
   * Whether runs understand the run input: `{}` for a usual run, or a window to replay, a step to start at, a run to resume, or a dry run. The states for that
   * come before the others, and any other input is refused. Otherwise the meaning of the input is yours.
   * @default false
   */
  readonly runInput?: boolean;
}

/**
 * The definition of a state machine with the policies applied to every state, however deep and whoever wrote it, and then checked.
 * `DataPipeline` uses it; give it to a state machine of your own as `definitionBody` to get the same.
 *
 * What the check finds is reported all at once at synthesis, each with the construct's path, the state's name and what to change.
 *
 * @example
 * new sfn.StateMachine(this, 'StateMachine', {
 *   queryLanguage: sfn.QueryLanguage.JSONATA,
 *   definitionBody: new PipelineDefinition(extract.next(clean), { alerts: AlertPolicy.toTopic(topic) }),
 * });
 */
export class PipelineDefinition extends ChainDefinitionBody {
  private readonly retry: RetryPolicy;
  private readonly alerts: AlertPolicy;
  private readonly runInput: boolean;

  constructor(definition: IChainable, props: PipelineDefinitionProps) {
    super(definition);
    this.retry = props.retry ?? RetryPolicy.twice();
    this.alerts = props.alerts;
    this.runInput = props.runInput ?? false;
  }

  public override bind(scope: Construct, principal: IPrincipal, props: StateMachineProps, graph?: StateGraph): DefinitionConfig {
    if (props.queryLanguage !== QueryLanguage.JSONATA) {
      throw new PipelineError("the state machine's queryLanguage must be QueryLanguage.JSONATA; the policies and steps use JSONata only", scope);
    }
    if (props.stateMachineType === StateMachineType.EXPRESS) {
      throw new PipelineError(
        'an Express state machine emits no status events, so a run that times out would alert nobody; use StateMachineType.STANDARD',
        scope,
      );
    }
    if (!graph) throw new PipelineError('the definition has no states', scope);

    const steps = {
      ...(plain(graph.toGraphJson(props.queryLanguage), Stack.of(scope)) as object),
      QueryLanguage: 'JSONata',
    } as unknown as StateMachineAsl;
    const bucket = this.runInput ? bucketOfSteps(scope, steps) : undefined;
    const checkpoint = bucket && { partition: Stack.of(scope).partition, bucket: bucket.bucketName };
    const policies = { retry: this.retry._render(), alert: this.alerts._states(scope, checkpoint) };
    const rendered = this.runInput ? withInput(scope, steps, policies.alert && checkpoint) : steps;
    if (bucket && policies.alert) this.keepCheckpoints(principal, bucket);
    letAskForRuns(scope, principal, rendered);
    const asl = applyPolicies(rendered, policies);
    rememberPolicies(scope, requestedPolicies(rendered, policies));
    this.alerts._attach(scope, principal);

    acknowledgeExplained(principal, graph.policyStatements);
    const actions = graph.policyStatements.flatMap((statement) => statement.actions);
    const violations = check(asl, { ...policies, actions });
    for (const { rule, message } of violations.filter(({ severity }) => severity === 'warning')) {
      Annotations.of(scope).addWarningV2(`cdk-data-pipeline:${rule}`, message);
    }
    const errors = violations.filter(({ severity }) => severity === 'error').map(({ path, message }) => (path ? `${message} [${path}]` : message));
    scope.node.addValidation({ validate: () => errors });
    return { definitionString: Stack.of(scope).toJsonString(stripMarkers(asl)) };
  }

  private keepCheckpoints(principal: IPrincipal, bucket: IBucket): void {
    const statements = keepStatements(bucket, RUNS);
    for (const statement of statements) principal.addToPrincipalPolicy(statement);
    acknowledgeExplained(principal, statements);
  }
}

function withInput(scope: Construct, steps: StateMachineAsl, checkpoint: CheckpointPlace | undefined): StateMachineAsl {
  try {
    return withRunInput(steps, checkpoint);
  } catch (error) {
    throw new PipelineError((error as Error).message, scope);
  }
}

/** Lets a machine ask how its own executions stand. A policy of its own: the machine depends on the role's, which therefore cannot name the machine. */
function letAskForRuns(machine: Construct, principal: IPrincipal, asl: StateMachineAsl): void {
  if (!walk(asl).visits.some(({ state }) => state.Resource?.endsWith(':sfn:describeExecution'))) return;
  if (!('attachInlinePolicy' in principal)) return;
  const resourceName = Lazy.string({ produce: () => `${(machine as StateMachine).stateMachineName}:*` });
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  const executions = Stack.of(machine).formatArn({ service: 'states', resource: 'execution', resourceName, arnFormat });
  const policy = new Policy(machine, 'RunsPolicy', {
    statements: [new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] })],
  });
  acknowledgeAtSynthesis(policy, executions, 'The ids of runs are known at run time only; the statement ends at this state machine.');
  (principal as IRole).attachInlinePolicy(policy);
}

/** As JSON would have it: undefined members dropped, JSONPath as text, other tokens, which JSON would spoil, as the strings that stand for them. */
function plain(value: unknown, stack: Stack): unknown {
  if (typeof value === 'string' && JsonPath.isEncodedJsonPath(value)) return stack.resolve(value);
  if (Tokenization.isResolvable(value)) return Token.asString(value);
  if (Array.isArray(value)) return value.map((item) => plain(item, stack));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member, stack)]));
}
