import type { AlertSpec } from '../asl';
import { jsonata } from '../private/jsonata';

/** The cause of a run that the state machine already told of starts with this; the rule outside leaves such runs alone. */
export const ALERTED = '[alerted] ';

/** The longest cause a Fail state may have is 32,768 characters. */
const CAUSE_LIMIT = 32_000;
/** A message may have 256 KiB; a cause is cut so that a stack trace does not bury the rest. */
const MESSAGE_CAUSE_LIMIT = 2_000;

/** Lambda and Glue give their cause as JSON; what a person wants to read of it is the message. */
const readableCause =
  `($found := $match($failure.Cause, /"[eE]rrorMessage": *"((?:[^\\\\"]|\\\\.)*)"/); ` +
  `$substring($exists($found) ? $found[0].groups[0] : $failure.Cause, 0, ${MESSAGE_CAUSE_LIMIT}))`;

/** The states a caught failure goes to: tell, then fail with the original error. `$failure` holds the state's name, Error and Cause. */
export function alertStates(partition: string, topicArn: string): AlertSpec {
  const run = '$states.context.Execution';
  const region = `$split(${run}.Id, ':')[3]`;
  const message = [
    `'Pipeline: ' & $states.context.StateMachine.Name`,
    `'Failed at: ' & $failure.state`,
    `'Error: ' & $failure.Error`,
    `'Cause: ' & ${readableCause}`,
    `'Run: ' & ${run}.Name`,
    `'Started: ' & ${run}.StartTime`,
    `'Look: https://' & ${region} & '.console.aws.amazon.com/states/home?region=' & ${region} & '#/v2/executions/details/' & ${run}.Id`,
    `'Next: mend the cause, then start the pipeline again; every step may safely run twice: aws stepfunctions start-execution --state-machine-arn ' & $states.context.StateMachine.Id`,
  ];
  return {
    startAt: 'Alert: Publish',
    states: {
      'Alert: Publish': {
        Type: 'Task',
        Resource: `arn:${partition}:states:::sns:publish`,
        Arguments: {
          TopicArn: topicArn,
          Subject: jsonata(`$substring('FAILED ' & $failure.state & ' in ' & $states.context.StateMachine.Name, 0, 99)`),
          Message: jsonata(`$join([${message.join(', ')}], '\\n')`),
        },
        TimeoutSeconds: 60,
        Next: 'Alert: Failed',
      },
      'Alert: Failed': {
        Type: 'Fail',
        Error: jsonata('$failure.Error'),
        Cause: jsonata(`$substring('${ALERTED}' & $failure.Cause, 0, ${CAUSE_LIMIT})`),
      },
    },
  };
}
