import { type Execution, execute, UnsupportedDefinitionError, VirtualClock } from '../../engine';
import { deliveries, statusChangeEvent } from '../../events/status-event';
import { columnsNamedIn } from '../answers/columns';
import { World } from '../answers/world';
import { FaultPlan } from './fault-plan';
import { handlerOf } from './handle';
import { SimulatedObjects } from './objects';
import type { SimulateOptions } from './options';
import { repeatable } from './random';
import { Recorder } from './recorder';
import type { Published, Simulation, StatusEvent } from './simulation';
import { type Subject, subjectOf } from './target';

/**
 * Runs a synthesized state machine on a virtual clock: waits, retries and timeouts take no time, and nothing is called. Any state machine in JSONata runs
 * as it is, with nothing of this library in it.
 *
 * @param target a stack with the state machine in it, or a definition as JSON
 * @param options what tasks answer, and what goes wrong
 */
export async function simulate(target: object, options: SimulateOptions = {}): Promise<Simulation> {
  return simulateSubject(subjectOf(target, options.machine), options);
}

/** As {@link simulate}, for a state machine that was read before. */
export async function simulateSubject(subject: Subject, options: SimulateOptions): Promise<Simulation> {
  const { definition } = subject.machine;
  const { input = {}, name = 'simulation', handlers = {}, faults = [] } = options;
  const clock = new VirtualClock(options.startTime?.getTime());
  const world = worldOf(definition, clock, options, (url) => objects.text(url));
  const plan = new FaultPlan(faults, definition, clock);
  const recorder = new Recorder(definition, clock);
  const objects = new SimulatedObjects(
    options.objects ?? {},
    subject.buckets,
    () => clock.now(),
    (url) => world.manifests.get(url),
  );
  const stop = new AbortController();
  let missing: Error | undefined;
  const noticeMissing = (error: Error) => {
    missing ??= error;
    stop.abort();
  };
  const execution = await runnable(
    execute(definition, {
      name,
      stateMachineName: subject.machine.name,
      input,
      clock,
      random: repeatable(),
      jitter: () => options.jitter ?? 1,
      region: subject.machine.region,
      account: subject.machine.account,
      s3: objects,
      tasks: recorder.publishing(plan.task(handlerOf(handlers, world, noticeMissing))),
      around: (attempt, work) => recorder.around(attempt, () => plan.around(attempt, work)),
      onEvent: (event) => {
        const state = recorder.see(event);
        if (state !== undefined && plan.aborts(state)) stop.abort();
      },
      abort: stop.signal,
    }),
  );
  if (missing) throw missing;
  const simulation = { ...summary(subject, execution, recorder, { name, input }), objects: objects.texts() };
  WORLDS.set(simulation, world);
  return simulation;
}

/** What a simulated run left. */
const WORLDS = new WeakMap<Simulation, World>();

function worldOf(definition: object, clock: VirtualClock, options: SimulateOptions, written: (url: string) => string | undefined): World {
  const { rows = 1000, parts = 2, columns = columnsNamedIn(definition), statements = [], statementSeconds = 5, after } = options;
  const { lock = after ? 'left' : 'free' } = options;
  const earlier = after && WORLDS.get(after);
  if (after && !earlier) throw new Error('after must be what simulate answered, not a copy of it');
  return new World(clock, { rows, parts, columns, statements, statementSeconds, lock }, written, earlier);
}

function summary(
  subject: Subject,
  execution: Execution,
  recorder: Recorder,
  { name, input }: { name: string; input: unknown },
): Omit<Simulation, 'objects'> {
  const { status, output, error, cause, history, transitions, startDate, stopDate } = execution;
  const event = (of: Parameters<typeof statusChangeEvent>[3]) => statusChangeEvent(subject.machine, name, input, of);
  const events = [event({ status: 'RUNNING', startDate }), event(execution)];
  const published = [...recorder.published, ...events.flatMap((each) => sentByRules(subject, each))];
  return {
    status,
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ms: stopDate - startDate,
    transitions,
    entered: [...recorder.entered],
    attempts: recorder.attempts(),
    published,
    alerts: published.filter(({ alert }) => alert),
    notifications: published.filter(({ alert }) => !alert),
    events,
    history,
    definition: subject.machine.definition,
  };
}

/** What the rules of the stack send for an event, each judged by its own pattern. */
export function sentByRules({ rules }: Subject, event: StatusEvent): Published[] {
  const { status } = event.detail as { status: string };
  const alert = !['RUNNING', 'SUCCEEDED'].includes(status);
  return rules.flatMap((rule) =>
    deliveries([rule], event).map(({ arn, message }) => ({ topic: arn, message, by: rule.logicalId, from: 'rule' as const, alert })),
  );
}

/** What the engine does not run may be a matter of how the states were made. */
async function runnable<T>(run: Promise<T>): Promise<T> {
  try {
    return await run;
  } catch (error) {
    if (!(error instanceof UnsupportedDefinitionError) || !error.message.includes('JSONPath')) throw error;
    throw new Error(
      `${error.message}\nthis state machine uses JSONPath, and only JSONata can be simulated; make its states with .jsonata(...), as in Pass.jsonata(this, 'Begin'), ` +
        'and set queryLanguage: QueryLanguage.JSONATA on the StateMachine',
    );
  }
}
