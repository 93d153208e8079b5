import type { Effects, State } from './definition';
import { ErrorName, StateFailure } from './errors';
import type { Frame, MapItem } from './frame';
import { uuid } from './functions';
import { checkPayload } from './limits';
import { EvaluationFailure, evaluate, evaluateAs, type JsonType } from './template';

/** Where an execution goes after a state. Without `next` the branch or machine is over. */
export interface Step {
  readonly output: unknown;
  readonly next?: string;
}

/** Which values a field takes. */
export interface Rule {
  readonly allows: (value: unknown) => boolean;
  readonly allowed: string;
}

const COMPLETE = { truncated: false };

/** One visit to one state, from its Entered to its Exited event. */
export class Visit<S extends State = State> {
  /** How often this visit was retried. */
  retryCount = 0;
  /** What came before the state; the service hangs failed evaluations there. */
  readonly before: number;
  readonly enteredEventId: number;
  private readonly enteredTime: string;
  private readonly inputJson: string;
  private token?: string;

  constructor(
    readonly state: S,
    readonly name: string,
    readonly input: unknown,
    readonly frame: Frame,
    /** Of a state that was entered before the execution was redriven. */
    enteredEventId?: number,
  ) {
    const { run } = frame;
    this.before = frame.previous;
    this.inputJson = JSON.stringify(input);
    this.enteredTime = new Date(run.clock.now()).toISOString();
    this.enteredEventId =
      enteredEventId ??
      frame.record(`${state.Type}StateEntered`, { stateEnteredEventDetails: { name, input: this.inputJson, inputDetails: COMPLETE } });
    frame.open = state.Type;
    run.transitions += 1;
  }

  /** The context object as this state sees it. */
  context(item = this.frame.item): Record<string, unknown> {
    const { run } = this.frame;
    const { Type } = this.state;
    const canRetry = Type === 'Task' || Type === 'Parallel' || Type === 'Map';
    return {
      ...run.context,
      State: { EnteredTime: this.enteredTime, Name: this.name, ...(canRetry ? { RetryCount: this.retryCount } : {}) },
      ...(item === undefined ? {} : { Map: { Item: item } }),
      ...(this.token === undefined ? {} : { Task: { Token: this.token } }),
    };
  }

  /** Gives this attempt of the task a token of its own. */
  issueToken(): string {
    this.token = uuid(this.frame.run.random);
    return this.token;
  }

  /** Fills in a field of the state. `extra` is what `$states` holds besides input and context, `item` the item that a Map is selecting. */
  evaluate(template: unknown, location: string, extra?: object, item?: MapItem): Promise<unknown> {
    return this.noting(() => evaluate(template, location, this.bindings(extra, item)));
  }

  /** As {@link evaluate}, for a field that takes one type only, and perhaps not every value of it. */
  evaluateAs(type: JsonType, template: unknown, location: string, rule?: Rule): Promise<unknown> {
    return this.noting(async () => {
      const value = await evaluateAs(type, template, location, this.bindings());
      if (rule === undefined || rule.allows(value)) return value;
      const found = `The value specified for the field '${location}' is ${JSON.stringify(value)}`;
      throw new EvaluationFailure(location, `${found}, but must be ${rule.allowed}.`);
    });
  }

  /** An integer from `least` to `most`; undefined when the state does not have the field. */
  async integer(template: unknown, location: string, least: number, most = Infinity): Promise<number | undefined> {
    if (template === undefined) return undefined;
    const allows = (value: unknown) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
    const allowed = most === Infinity ? `an integer of at least ${least}` : `an integer from ${least} to ${most}`;
    return (await this.evaluateAs('number', template, location, { allows, allowed })) as number;
  }

  /** A number from 0 to 100; undefined when the state does not have the field. */
  async percentage(template: unknown, location: string): Promise<number | undefined> {
    if (template === undefined) return undefined;
    const allows = (value: unknown) => (value as number) >= 0 && (value as number) <= 100;
    return (await this.evaluateAs('number', template, location, { allows, allowed: 'from 0 to 100' })) as number;
  }

  /** Leaves the state: Assign and Output are evaluated on the variables as they were on entry, then the variables change. */
  async leave(effects: Effects, next: string | undefined, standard: unknown, extra?: object, location = ''): Promise<Step> {
    const assigned = effects.Assign === undefined ? {} : await this.evaluate(effects.Assign, `${location}Assign`, extra);
    const output = effects.Output === undefined ? standard : await this.evaluate(effects.Output, `${location}Output`, extra);
    // A state that changes nothing need not be written out again.
    const json = output === this.input ? this.inputJson : JSON.stringify(output);
    checkPayload(json, `The state/task '${this.name}' returned a result`);
    const variables = this.assign(assigned as Record<string, unknown>);
    this.frame.record(`${this.state.Type}StateExited`, {
      stateExitedEventDetails: { name: this.name, output: json, outputDetails: COMPLETE, ...variables },
    });
    this.frame.open = undefined;
    return { output, next };
  }

  private assign(values: Record<string, unknown>): object {
    const names = Object.keys(values);
    if (names.length === 0) return {};
    const { variables, signal } = this.frame;
    // Nobody would take back what a scope gets that is closed already.
    signal.throwIfAborted();
    const clash = variables.clash(names);
    if (clash !== undefined) {
      throw new StateFailure(ErrorName.RUNTIME, `The state '${this.name}' assigns '${clash}', which is a variable of an outer scope.`);
    }
    const texts = Object.fromEntries(names.map((name) => [name, JSON.stringify(values[name])]));
    checkPayload(Object.values(texts).join(''), `The state/task '${this.name}' assigned variables`);
    variables.assign(values, texts);
    return { assignedVariables: texts, assignedVariablesDetails: COMPLETE };
  }

  private bindings(extra?: object, item?: MapItem): Record<string, unknown> {
    const { run, variables } = this.frame;
    return { ...run.functions, ...variables.visible(), states: { input: this.input, context: this.context(item), ...extra } };
  }

  /** Records a failed evaluation as the service does, and names the state in the cause. */
  private async noting<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EvaluationFailure)) throw error;
      const where = `An error occurred while executing the state '${this.name}' (entered at the event id #${this.enteredEventId}).`;
      const failure = new EvaluationFailure(error.location, `${where} ${error.cause}`);
      const details = { error: failure.error, cause: failure.cause, location: error.location, state: this.name };
      const { frame } = this;
      frame.previous = frame.note('EvaluationFailed', { evaluationFailedEventDetails: details }, this.before);
      throw failure;
    }
  }
}
