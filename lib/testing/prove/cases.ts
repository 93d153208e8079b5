import { canRetry, type Visit } from '../../asl/walk';
import { abortAt, expireAt, type Fault, fail, malformed, throttle, timeOut } from '../simulate/fault';
import { throttlingError } from '../simulate/throttling';
import type { ProvedMachine } from './machine';

/** What goes wrong in one run of the matrix, and what must come of it. */
export interface Plan {
  readonly fault: string;
  readonly faults: readonly Fault[];
  /** The state that fails. */
  readonly state: Visit;
  /** The error that it fails with, and how often. Absent: its tries are not looked at. */
  readonly struck?: { readonly error: string; readonly failures: number };
  /** How the run must end; `not believed`: FAILED, or as usual, output included. @default - as usual if the state may be tried as often, else FAILED */
  readonly ends?: 'ABORTED' | 'TIMED_OUT' | 'FAILED' | 'as usual' | 'not believed';
}

const FAULT = 'Injected.Fault';
const PERMANENT = 'InvalidInput';
const ALWAYS = Number.POSITIVE_INFINITY;

/** Everything that is made to go wrong at one state. */
export function plansFor(machine: ProvedMachine, state: Visit): Plan[] {
  const { name } = state;
  // A Fail state takes no time in which anyone could stop the run.
  const aborted: Plan[] = state.state.Type === 'Fail' ? [] : [{ fault: 'aborted', faults: [abortAt(name)], state, ends: 'ABORTED' }];
  if (!canRetry(state.state)) return aborted;
  return [
    ...failures(machine, state),
    ...(state.state.Type === 'Task' ? taskPlans(machine, state) : containerPlans(machine, state)),
    { fault: 'machine timeout', faults: [expireAt(name)], state, ends: 'TIMED_OUT' },
    ...aborted,
  ];
}

function failures(machine: ProvedMachine, state: Visit): Plan[] {
  const error = machine.raised(state) ?? FAULT;
  const failing = (fault: string, error: string, failures: number): Plan => ({
    fault,
    faults: [fail(state.name, { error, times: failures })],
    state,
    struck: { error, failures },
  });
  return [
    failing('fails once', error, 1),
    failing('fails twice', error, 2),
    failing('fails 3 times', error, 3),
    ...(error === FAULT ? [] : [failing('fails with another error', FAULT, 1)]),
    failing('permanent error', PERMANENT, ALWAYS),
  ];
}

function taskPlans(machine: ProvedMachine, state: Visit): Plan[] {
  const { name } = state;
  const error = machine.raised(state) ?? FAULT;
  const again = machine.expected(state, error).retries > 0;
  const { TimeoutSeconds, Resource = '' } = state.state;
  const hangs: Plan = { fault: 'task timeout', faults: [timeOut(name)], state };
  return [
    TimeoutSeconds === undefined ? { ...hangs, ends: 'TIMED_OUT' } : { ...hangs, struck: { error: 'States.Timeout', failures: ALWAYS } },
    { fault: 'throttled', faults: [throttle(name, { times: 2 })], state, struck: { error: throttlingError(Resource), failures: 2 } },
    { fault: 'answer lost', faults: [fail(name, { error, times: 1, afterWork: true })], state, ends: again ? 'as usual' : 'FAILED' },
    ...malformedPlans(state),
  ];
}

function malformedPlans(state: Visit): Plan[] {
  return [
    { fault: 'malformed, empty', faults: [malformed(state.name)], state, ends: 'not believed' },
    { fault: 'malformed, null', faults: [malformed(state.name, { answer: null })], state, ends: 'not believed' },
  ];
}

function containerPlans(machine: ProvedMachine, state: Visit): Plan[] {
  const { name } = state;
  const inside = machine.firstInside(state);
  const [first] = inside;
  const always = (error: string) => ({ state, struck: { error, failures: ALWAYS } });
  const alone: Plan[] = [
    { fault: 'task timeout', faults: [timeOut(name)], ...always('States.Timeout') },
    { fault: 'throttled', faults: [throttle(name)], ...always('States.TaskFailed') },
  ];
  if (first === undefined) return alone;
  return [
    ...alone,
    // What comes out of a Parallel or Map is what came out of the tasks in it.
    ...malformedPlans(first),
    { fault: 'all inside at once', faults: inside.map((each) => fail(each.name)), state: first, struck: { error: FAULT, failures: ALWAYS } },
    { fault: 'all inside at once, permanent', faults: inside.map((each) => fail(each.name, { error: PERMANENT })), state: first, ends: 'FAILED' },
    ...mixedPlans(name, first, machine.raised(state)),
  ];
}

/** The Parallel or Map fails with an error that it tries again, and then what is inside it fails, too. */
function mixedPlans(container: string, inner: Visit, raised: string | undefined): Plan[] {
  if (raised === undefined) return [];
  const mixed = (fault: string, failures: number): Plan => ({
    fault,
    faults: [fail(container, { error: raised, times: 1 }), fail(inner.name, { times: failures })],
    state: inner,
    struck: { error: FAULT, failures },
  });
  return [mixed('outer once, inner twice', 2), mixed('outer once, inner for good', ALWAYS)];
}
