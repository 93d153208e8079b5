import { type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Choice, Condition, Fail, Pass, type State, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Warehouse } from '../steps/warehouse';
import { explain } from './acknowledge';
import { PipelineError } from './error';
import { jsonata } from './jsonata';
import { ServiceCall } from './service-call';

const FAILED = 'Redshift.StatementFailed';
const ABORTED = 'Redshift.StatementAborted';
const TIMED_OUT = 'Redshift.StatementTimedOut';

/** The errors of a transaction's own Fail states, which a new try may mend. */
export const TRANSACTION_ERRORS = [FAILED, ABORTED, TIMED_OUT];

const LONGEST_SECONDS = 14_400;

/** What is done in one transaction. */
export interface TransactionProps {
  readonly warehouse: Warehouse;
  readonly timeout: Duration;
  /** Each a text or a JSONata string, which may read `$states.input`, the arguments of the try. */
  readonly statements: string[];
  /** The statement whose number of rows the branch gives as its result. */
  readonly counted: number;
  /** The statement that is a COPY, whose errors the warehouse keeps elsewhere. */
  readonly copy: number;
  /** The comment of every state. */
  readonly comment: string;
}

/** The arguments that every try begins with: a token and a deadline of its own. */
export function transactionArguments(scope: Construct, timeout: Duration): Record<string, string> {
  if (timeout.toSeconds() > LONGEST_SECONDS) {
    throw new PipelineError(
      `timeout is ${timeout.toHumanString()}, but three tries of more than 4 hours do not fit into the history of a run; lower it`,
      scope,
    );
  }
  return { token: jsonata('$uuid()'), deadline: jsonata(`$millis() + ${timeout.toMilliseconds()}`) };
}

/**
 * The branch of the Parallel that is one try: submits the statements as a batch and waits for its end, at intervals that double from 2 to 120 seconds.
 * What it gives up, because time is over or because it cannot see how the batch stands, it cancels.
 */
export function transactionBranch(scope: Construct, props: TransactionProps): State {
  const branch = new TransactionStates(scope, props);
  return branch.start;
}

class TransactionStates {
  readonly start: State;

  constructor(
    private readonly scope: Construct,
    private readonly props: TransactionProps,
  ) {
    const { comment } = props;
    const submit = this.submit();
    const wait = Wait.jsonata(scope, 'Wait', { comment, time: WaitTime.seconds(jsonata('$delay')) });
    const cancel = this.cancel();
    const describe = this.describe(cancel);
    const done = Pass.jsonata(scope, 'Loaded', { comment, outputs: jsonata('$states.input.rows') });
    const status = Choice.jsonata(scope, 'Status', { comment })
      .when(Condition.jsonata(jsonata("$states.input.status = 'FINISHED'")), done)
      .when(Condition.jsonata(jsonata("$states.input.status = 'FAILED'")), this.failState('Failed', FAILED, `' failed' & ${ERROR} & ${LOAD_ERRORS}`))
      .when(Condition.jsonata(jsonata("$states.input.status = 'ABORTED'")), this.failState('Aborted', ABORTED, `' was aborted' & ${ERROR}`))
      .when(Condition.jsonata(jsonata('$millis() > $deadline')), cancel)
      .otherwise(wait);
    submit.next(wait).next(describe).next(status);
    this.start = submit;
  }

  private submit(): ServiceCall {
    const { warehouse, statements } = this.props;
    return this.call('Submit', 'batchExecuteStatement', {
      arguments: {
        ...warehouse._connection(),
        ClientToken: jsonata('$states.input.token'),
        StatementName: jsonata('$states.context.Execution.Name'),
        Sqls: statements,
      },
      assign: { statement: jsonata('$states.result.Id'), deadline: jsonata('$states.input.deadline'), delay: 2, blind: null },
      output: {},
      policies: warehouse._submitStatements(this.scope),
    });
  }

  private describe(cancel: ServiceCall): ServiceCall {
    const { counted, copy } = this.props;
    const part = (index: number) => `$states.result.SubStatements[${index}]`;
    const describe = this.call('Describe', 'describeStatement', {
      arguments: { Id: jsonata('$statement') },
      assign: { delay: jsonata('$min([$delay * 2, 120])') },
      output: jsonata(
        `{'status': $states.result.Status, 'error': $states.result.Error, 'rows': ${part(counted)}.ResultRows, 'query': ${part(copy)}.RedshiftQueryId}`,
      ),
      policies: [ownStatements('DescribeStatement')],
    });
    // Nobody would wait for the statement any more, and nothing would keep it from changing the table later.
    describe.addCatch(cancel, { errors: ['States.ALL'], assign: { blind: jsonata('$states.errorOutput') } });
    return describe;
  }

  /** Cancels the statement, and then fails with what Describe could not get over, or else with the time that is over. */
  private cancel(): ServiceCall {
    const { scope, props } = this;
    const timedOut = this.failState('Timed out', TIMED_OUT, `' was cancelled after ${props.timeout.toHumanString()}'`);
    const lost = this.failState('Lost', jsonata('$blind.Error'), "' was cancelled, because nothing told how it stands: ' & $blind.Cause");
    const why = Choice.jsonata(scope, 'Cancelled', { comment: props.comment })
      .when(Condition.jsonata(jsonata('$blind != null')), lost)
      .otherwise(timedOut);
    const cancel = this.call('Cancel', 'cancelStatement', {
      arguments: { Id: jsonata('$statement') },
      output: {},
      policies: [ownStatements('CancelStatement')],
    });
    // A statement that has just ended cannot be cancelled, which is as good.
    cancel.addCatch(why, { errors: ['RedshiftData.ValidationException', 'RedshiftData.ResourceNotFoundException'] });
    cancel.next(why);
    return cancel;
  }

  private failState(id: string, error: string, what: string): Fail {
    return Fail.jsonata(this.scope, id, { comment: this.props.comment, error, cause: jsonata(`'statement ' & $statement & ${what}`) });
  }

  private call(
    id: string,
    action: string,
    call: { arguments: Record<string, unknown>; assign?: Record<string, unknown>; output: unknown; policies: PolicyStatement[] },
  ): ServiceCall {
    return new ServiceCall(this.scope, id, Stack.of(this.scope).partition, {
      ...call,
      resource: `aws-sdk:redshiftdata:${action}`,
      comment: this.props.comment,
      timeoutSeconds: 60,
    });
  }
}

const ERROR = "($exists($states.input.error) ? ': ' & $states.input.error : '')";

/** COPY says where the warehouse keeps the column and the reason; whoever reads the error gets the query that shows them, without the value. */
const LOAD_ERRORS =
  "($contains($string($states.input.error), 'sys_load_error_detail') ? '; column and reason: SELECT column_name, column_type, error_code, error_message FROM sys_load_error_detail WHERE query_id = ' & $states.input.query : '')";

/** The service lets a role see and cancel only what it submitted itself. */
function ownStatements(action: string): PolicyStatement {
  const statement = new PolicyStatement({ actions: [`redshift-data:${action}`], resources: ['*'] });
  return explain(statement, `redshift-data:${action} has no resource scope, and reaches only statements of the same role.`);
}
