import { Duration } from 'aws-cdk-lib';
import {
  Chain,
  Choice,
  Condition,
  Fail,
  type IChainable,
  type INextable,
  Parallel,
  Pass,
  type State,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { expressionIn } from '../asl/strings';
import { PipelineError } from '../private/error';
import { jsonata, literal } from '../private/jsonata';
import { Step, type StepProps } from '../step';

/** What is asked, how often, and what the answers mean. */
export interface PollUntilProps extends StepProps {
  /**
   * What asks for the status, a native Task as a rule. It knows the job from a variable that the state before assigned: `$states.input` is, from the second
   * time on, what it gave the last time.
   */
  readonly poll: IChainable;

  /** Where the status is in what `poll` gives: JSONata in `{% %}` that reads `$states.input`. */
  readonly status: string;

  /** Every status that means that the job is done. */
  readonly succeeded: string[];

  /** Every status that means that it will never be. Any status that is in neither list is one of a job on its way. */
  readonly failed: string[];

  /** After so long the run gives up with `Poll.TimedOut`. What is asked for goes on; to stop it, catch that error. */
  readonly deadline: Duration;

  /**
   * How long to wait before the first question.
   * @default Duration.seconds(5)
   */
  readonly interval?: Duration;

  /**
   * By which factor each wait is longer than the one before.
   * @default 2
   */
  readonly backoffRate?: number;

  /**
   * The longest wait. A run can ask about 2,000 times before its history is full.
   * @default Duration.minutes(2)
   */
  readonly maxInterval?: Duration;
}

/** About twelve events are written for each question, and 25,000 are the limit. */
const MOST_QUESTIONS = 2_000;

/**
 * Waits for something outside to be done: asks at growing intervals, until a status that is named or the deadline.
 *
 * At run time one Parallel with one branch, so that whatever goes wrong in it is told once: `Poll.Failed` for a status of `failed`, `Poll.TimedOut` at the
 * deadline, or what `poll` itself fails with after its own retries. Its output is what `poll` gave last; variables that `poll` assigns stay inside.
 *
 * @example
 * const exported = new PollUntil(this, 'Export', {
 *   poll: askForExport,
 *   status: '{% $states.input.Status %}',
 *   succeeded: ['COMPLETE'],
 *   failed: ['FAILED', 'CANCELED'],
 *   deadline: Duration.hours(2),
 * });
 */
export class PollUntil extends Step {
  public readonly startState: State;
  public readonly endStates: INextable[];

  constructor(scope: Construct, id: string, props: PollUntilProps) {
    super(scope, id, props);
    const { interval, maxInterval, backoffRate } = this.intervals(props);
    const status = this.statusOf(props);
    const comment = this.describe();
    // Named after the step: a variable of the states around must not be assigned in a branch.
    const name = id.replaceAll(/\W/g, '');
    const [delay, deadline] = [`${name}Delay`, `${name}Deadline`];

    const begin = Pass.jsonata(this, 'Begin', {
      comment,
      assign: { [delay]: interval, [deadline]: jsonata(`$millis() + ${props.deadline.toMilliseconds()}`) },
    });
    const wait = Wait.jsonata(this, 'Wait', {
      comment,
      time: WaitTime.seconds(jsonata(`$${delay}`)),
      assign: { [delay]: jsonata(`$min([$floor($${delay} * ${backoffRate}), ${maxInterval}])`) },
    });
    const among = (statuses: string[]) => jsonata(`${status} in [${statuses.map(literal).join(', ')}]`);
    const decide = Choice.jsonata(this, 'Status', { comment })
      .when(Condition.jsonata(among(props.succeeded)), Pass.jsonata(this, 'Done', { comment }))
      .when(
        Condition.jsonata(among(props.failed)),
        this.fails('Failed', 'Poll.Failed', jsonata(`${literal(`${id} ended with the status `)} & ${status}`)),
      )
      .when(
        Condition.jsonata(jsonata(`$millis() > $${deadline}`)),
        this.fails('Timed out', 'Poll.TimedOut', `${id} was not done after ${props.deadline.toHumanString()}`),
      )
      .otherwise(wait);
    Chain.start(begin).next(wait).next(props.poll).next(decide);

    const parallel = Parallel.jsonata(this, 'Poll', { comment, outputs: jsonata('$states.result[0]') });
    this.startState = parallel;
    this.endStates = [parallel];
    this.prefixStates();
    // a Parallel takes its states with the names they have at that moment
    parallel.branch(begin);
  }

  private fails(id: string, error: string, cause: string): Fail {
    return Fail.jsonata(this, id, { comment: this.describe(), error, cause });
  }

  private statusOf({ status, succeeded, failed }: PollUntilProps): string {
    const expression = expressionIn(status);
    if (expression === undefined) {
      throw new PipelineError(`the status '${status}' is no JSONata; write where poll's answer has it, as in '{% $states.input.Status %}'`, this);
    }
    if (succeeded.length === 0 || failed.length === 0) {
      throw new PipelineError(
        `${succeeded.length === 0 ? 'succeeded' : 'failed'} is empty; name every status after which nothing changes any more, or the run asks until its deadline`,
        this,
      );
    }
    const both = succeeded.find((each) => failed.includes(each));
    if (both !== undefined) throw new PipelineError(`the status '${both}' is in succeeded and in failed; leave it in one of them`, this);
    return expression;
  }

  private intervals(props: PollUntilProps): { interval: number; maxInterval: number; backoffRate: number } {
    const interval = (props.interval ?? Duration.seconds(5)).toSeconds();
    const maxInterval = Math.max(interval, (props.maxInterval ?? Duration.minutes(2)).toSeconds());
    const backoffRate = props.backoffRate ?? 2;
    if (interval < 1) throw new PipelineError(`interval is ${interval} s; wait a second at least`, this);
    if (backoffRate < 1) throw new PipelineError(`backoffRate is ${backoffRate}; give 1 for waits of one length, or more for growing ones`, this);
    const questions = Math.ceil(props.deadline.toSeconds() / maxInterval);
    if (backoffRate === 1 ? props.deadline.toSeconds() / interval > MOST_QUESTIONS : questions > MOST_QUESTIONS) {
      throw new PipelineError(
        `a deadline of ${props.deadline.toHumanString()} is more than ${MOST_QUESTIONS} waits away, which does not fit into the history of a run; raise maxInterval or interval`,
        this,
      );
    }
    return { interval, maxInterval, backoffRate };
  }
}
