import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CustomState, type StateGraph } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

interface ServiceCallProps {
  /** What follows `arn:<partition>:states:::`. */
  readonly resource: string;
  readonly arguments: Record<string, unknown>;
  /** What the state machine's role needs for the call. */
  readonly policies: PolicyStatement[];
  readonly comment: string;
  readonly assign?: Record<string, unknown>;
  readonly output?: unknown;
  readonly timeoutSeconds: number;
}

/**
 * A Task that calls a service directly. The tasks of aws-stepfunctions-tasks hide a six-attempt retrier (LambdaInvoke), send Glue a null
 * and leave out TimeoutSeconds (GlueStartJobRun), or grant an IAM action that does not exist (CallAwsService for Redshift Data).
 */
export class ServiceCall extends CustomState {
  private readonly policies: PolicyStatement[];

  constructor(scope: Construct, id: string, partition: string, props: ServiceCallProps) {
    super(scope, id, {
      stateJson: {
        Type: 'Task',
        QueryLanguage: 'JSONata',
        Comment: props.comment,
        Resource: `arn:${partition}:states:::${props.resource}`,
        Arguments: props.arguments,
        Assign: props.assign,
        Output: props.output,
        TimeoutSeconds: props.timeoutSeconds,
      },
    });
    this.policies = props.policies;
  }

  protected override whenBoundToGraph(graph: StateGraph): void {
    super.whenBoundToGraph(graph);
    for (const statement of this.policies) graph.registerPolicyStatement(statement);
  }
}
