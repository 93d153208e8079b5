import type { AlertSpec, State } from '../asl';
import { type CheckpointPlace, checkpointKey } from '../asl/run-input';
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

const START = "'aws stepfunctions start-execution --state-machine-arn ' & $states.context.StateMachine.Id";
const AGAIN = `'Next: mend the cause, then start the pipeline again; every step may safely run twice: ' & ${START}`;
const RESUME = `'Next: mend the cause, then go on where it failed: ' & ${START} & " --input '{\\"resume\\": \\"" & $states.context.Execution.Name & "\\"}'"`;

/**
 * The states a caught failure goes to: leave a checkpoint if there is a place for it, tell, then fail with the original error. `$failure` holds the state's
 * name, Error and Cause. A checkpoint that cannot be written keeps nobody from being told.
 */
export function alertStates(partition: string, topicArn: string, checkpoint?: CheckpointPlace): AlertSpec {
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
    checkpoint ? `$resumable ? ${RESUME} : ${AGAIN}` : AGAIN,
  ];
  return {
    startAt: checkpoint ? 'Alert: Checkpoint' : 'Alert: Publish',
    checkpoints: checkpoint !== undefined,
    states: {
      ...(checkpoint && { 'Alert: Checkpoint': checkpointState(checkpoint) }),
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

function checkpointState({ partition, bucket }: CheckpointPlace): State {
  const run = '$states.context.Execution';
  const body = `{'runId': ${run}.Name, 'input': ${run}.Input, 'failedAt': $failure.state, 'place': $failure.place, 'dataset': $failure.dataset}`;
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::aws-sdk:s3:putObject`,
    Arguments: { Bucket: bucket, Key: checkpointKey(`${run}.Name`), Body: jsonata(`$string(${body})`), ContentType: 'application/json' },
    Assign: { resumable: jsonata('$exists($failure.dataset)') },
    TimeoutSeconds: 60,
    Catch: [{ ErrorEquals: ['States.ALL'], Assign: { resumable: false }, Next: 'Alert: Publish' }],
    Next: 'Alert: Publish',
  };
}
