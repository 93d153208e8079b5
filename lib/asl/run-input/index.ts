import { normalize } from '../normalize';
import type { State, StateMachineAsl } from '../types';
import { walk } from '../walk';
import { copyLocks } from './locks';
import { placesOf } from './places';
import { problemWith } from './problem';
import { type CheckpointPlace, goOnState, INVALID_RUN_INPUT, inputState, planStates, resumeStates } from './states';

export { type CheckpointPlace, checkpointKey } from './states';

/**
 * The machine that understands the run input: `{}` goes where it always went, past one Choice; anything else is checked, and then replays a window, starts at
 * a step, goes on where another run failed, or only plans. A machine without a step of the library at its top level stays as it is, and its input is its own.
 *
 * Call it before the policies are applied, so that its states get them, too.
 */
export function withRunInput(asl: StateMachineAsl, checkpoint?: CheckpointPlace): StateMachineAsl {
  const machine = walk(normalize(asl));
  const visits = [...machine.top.visits.values()];
  if (!visits.some(({ marker }) => marker?.entry)) return asl;
  const places = placesOf(machine);
  const plan = visits.find(({ marker }) => marker?.plan)?.marker?.plan;
  const locks = copyLocks(visits, 'Run: Go on');
  const resumes = checkpoint !== undefined && places.length > 0;
  const window = visits.some(({ marker }) => marker?.opens !== undefined);
  const problem = problemWith({ places, window, resume: resumes, dryRun: plan !== undefined });
  const added: Record<string, State> = {
    'Run: Start': { Type: 'Choice', Choices: [{ Condition: '{% $states.input = {} %}', Next: asl.StartAt }], Default: 'Run: Input' },
    'Run: Input': inputState(problem, places),
    'Run: Which?': {
      Type: 'Choice',
      Choices: [
        { Condition: "{% $problem != '' %}", Next: 'Run: Refused' },
        ...(plan ? [{ Condition: '{% $states.input.dryRun = true %}', Next: plan.StartAt }] : []),
        ...(resumes ? [{ Condition: '{% $exists($states.input.resume) %}', Next: 'Run: Checkpoint' }] : []),
        ...(places.length > 0 ? [{ Condition: "{% $place != '' %}", Next: locks.startAt }] : []),
      ],
      Default: asl.StartAt,
    },
    ...(plan && planStates(plan, visits)),
    ...(resumes && resumeStates(checkpoint, places, locks.startAt)),
    ...(places.length > 0 && { ...locks.states, 'Run: Go on': goOnState(places) }),
    'Run: Refused': { Type: 'Fail', Error: INVALID_RUN_INPUT, Cause: '{% $problem %}' },
  };
  const clash = machine.visits.find(({ name }) => name in added);
  if (clash) throw new Error(`the name '${clash.name}' is that of a state that reads the run input; give the step or state another one`);
  return { ...asl, StartAt: 'Run: Start', States: { ...asl.States, ...added } };
}
