import type { Machine } from './definition';
import type { HistoryEvent } from './history';

/** Where an execution that ended without success goes on: in the state that it did not leave, with what it had then. */
export interface Resumption {
  readonly state: string;
  readonly input: unknown;
  readonly enteredEventId: number;
  /** The variables as JSON texts. */
  readonly variables: Readonly<Record<string, string>>;
}

interface Details {
  readonly name: string;
  readonly input?: string;
  readonly assignedVariables?: Readonly<Record<string, string>>;
}

/** Finds it in the history; undefined if every state that was entered was left. Names are unique in a machine, so the states inside others are told apart. */
export function resumptionOf({ States }: Machine, history: readonly HistoryEvent[]): Resumption | undefined {
  const own = history.flatMap((event) => {
    const details = (event.stateEnteredEventDetails ?? event.stateExitedEventDetails) as Details | undefined;
    return details !== undefined && Object.hasOwn(States, details.name)
      ? [{ id: event.id, left: event.stateExitedEventDetails !== undefined, details }]
      : [];
  });
  const last = own.at(-1);
  if (last === undefined || last.left) return undefined;
  const variables = Object.assign({}, ...own.map(({ details }) => details.assignedVariables));
  return { state: last.details.name, input: JSON.parse(last.details.input!), enteredEventId: last.id, variables };
}
