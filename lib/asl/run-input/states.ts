import { jsonata, literal } from '../../private/jsonata';
import { mark } from '../marker';
import type { State, States } from '../types';
import type { Visit } from '../walk';
import type { Place } from './places';

/** Where a run that fails leaves what another one needs to go on. */
export interface CheckpointPlace {
  readonly partition: string;
  readonly bucket: string;
}

/** What a run input that asks for something impossible fails with. */
export const INVALID_RUN_INPUT = 'InvalidRunInput';

const RESTARTS = mark({ path: 'Run', step: 'Run', restarts: true });

/** The key of a run's checkpoint: JSONata, from the id of the run. */
export function checkpointKey(runId: string): string {
  return jsonata(`'runs/' & $states.context.StateMachine.Name & '/' & ${runId} & '.json'`);
}

/** Takes the run input apart. What starts at a step is a replay: it loads what was extracted before, and moves no watermark. */
export function inputState(problem: string, places: readonly Place[]): State {
  const { dataset } = { dataset: '$states.input.dataset' };
  const replay = `{'window': $merge([${dataset}.window, {'replay': true}])}`;
  const asked = {
    place: jsonata("$type($states.input.startAt) = 'string' ? $states.input.startAt : ''"),
    dataset: jsonata(`$type(${dataset}) = 'object' ? ($type(${dataset}.window) = 'object' ? $merge([${dataset}, ${replay}]) : ${dataset}) : {}`),
  };
  return { Type: 'Pass', Comment: RESTARTS, Assign: { problem: jsonata(problem), ...(places.length > 0 && asked) }, Next: 'Run: Which?' };
}

/** Reads what a failed run left, and refuses to go on where there is nothing to go on with. */
export function resumeStates({ partition, bucket }: CheckpointPlace, places: readonly Place[], next: string): Record<string, State> {
  const checkpoint = '$c := $parse($states.result.Body)';
  const known = `[${places.map(({ name }) => literal(name)).join(', ')}]`;
  const again = literal(' before there was a dataset to go on with; start it again with its own input: ');
  const elsewhere = literal(', from where no run can start; start at a step with the dataset of its checkpoint: ');
  const run = "'run ' & $states.input.resume & ' failed at ' & $string($c.failedAt)";
  return {
    'Run: Checkpoint': {
      Type: 'Task',
      Comment: RESTARTS,
      Resource: `arn:${partition}:states:::aws-sdk:s3:getObject`,
      Arguments: { Bucket: bucket, Key: checkpointKey('$states.input.resume') },
      Assign: {
        problem: jsonata(
          `(${checkpoint}; $not($exists($c.dataset)) ? ${run} & ${again} & $string($c.input) : $c.place in ${known} ? '' : ${run} & ${elsewhere} & ` +
            `'runs/' & $states.context.StateMachine.Name & '/' & $states.input.resume & '.json')`,
        ),
        place: jsonata(`(${checkpoint}; $exists($c.place) ? $c.place : '')`),
        dataset: jsonata(`(${checkpoint}; $exists($c.dataset) ? $c.dataset : {})`),
      },
      TimeoutSeconds: 60,
      Catch: [
        {
          // Whoever may not list a bucket is told that access is denied where an object is missing.
          ErrorEquals: ['S3.NoSuchKeyException', 'S3.S3Exception'],
          Assign: { problem: jsonata(NO_CHECKPOINT) },
          Next: 'Run: Refused',
        },
      ],
      Next: 'Run: Resumable?',
    },
    'Run: Resumable?': { Type: 'Choice', Choices: [{ Condition: "{% $problem = '' %}", Next: next }], Default: 'Run: Refused' },
  };
}

const NO_CHECKPOINT =
  "'run ' & $states.input.resume & ' left no checkpoint: it succeeded, was aborted, ran out of time, or the checkpoint expired. Nothing is lost: ' & " +
  "'start the pipeline with {}, and its window is read again. (' & $states.errorOutput.Error & ': ' & $states.errorOutput.Cause & ')'";

/** Goes to the place where the run shall go on. */
export function goOnState(places: readonly Place[]): State {
  const Output = jsonata('$dataset');
  const rules = places.map(({ name, state }) => ({ Condition: jsonata(`$place = ${literal(name)}`), Output, Next: state }));
  return { Type: 'Choice', Choices: rules, Default: 'Run: Refused' };
}

/** Says what a run would extract, and which steps it would take. */
export function planStates(plan: States, visits: readonly Visit[]): Record<string, State> {
  const steps = [...new Set(visits.flatMap(({ marker }) => (marker?.step ? [marker.step] : [])))];
  const states = Object.entries(plan.States).map(([name, state]) => [name, state.Next === undefined ? { ...state, Next: 'Run: Planned' } : state]);
  const output = `$merge([{'dryRun': true}, $states.input, {'steps': [${steps.map(literal).join(', ')}]}])`;
  return { ...Object.fromEntries(states), 'Run: Planned': { Type: 'Succeed', Output: jsonata(output) } };
}
