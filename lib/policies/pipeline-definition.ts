import { Annotations, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type { IPrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ChainDefinitionBody,
  type DefinitionConfig,
  type IChainable,
  JsonPath,
  QueryLanguage,
  type StateGraph,
  type StateMachineProps,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { applyPolicies, check, type StateMachineAsl, stripMarkers } from '../asl';
import { requestedPolicies } from '../asl/state-policies';
import { acknowledgeExplained } from '../private/acknowledge';
import { PipelineError } from '../private/error';
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

  constructor(definition: IChainable, props: PipelineDefinitionProps) {
    super(definition);
    this.retry = props.retry ?? RetryPolicy.twice();
    this.alerts = props.alerts;
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

    const policies = { retry: this.retry._render(), alert: this.alerts._states(scope) };
    const rendered = {
      ...(plain(graph.toGraphJson(props.queryLanguage), Stack.of(scope)) as object),
      QueryLanguage: 'JSONata',
    } as unknown as StateMachineAsl;
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
