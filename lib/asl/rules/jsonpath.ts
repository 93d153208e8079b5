import { expressionIn, stringsOf } from '../strings';
import type { State } from '../types';
import type { Machine, Visit } from '../walk';
import { type Finding, named, type Rule } from './rule';

/** What replaces each field that a JSONata state may not have. */
const FIELDS: Readonly<Record<string, string>> = {
  InputPath: 'Arguments or Output',
  OutputPath: 'Output',
  ResultPath: 'Assign or Output',
  Parameters: 'Arguments (in a Map: ItemSelector; in a Pass: Output)',
  ResultSelector: 'Assign or Output',
  Result: 'Output',
  ItemsPath: 'Items',
};

/** Text that JSONPath would evaluate and JSONata leaves as it is: a path, the context object, an intrinsic function. */
const PATH_TEXT = /^(\$\$?($|[.[])|States\.[A-Za-z0-9]+\()/;

/** The machine is written in JSONata only; what is left of JSONPath is refused by the service or, worse, silently taken as plain text. */
export const jsonpath: Rule = {
  id: 'jsonpath',
  find: (machine) => [...language(machine), ...machine.visits.flatMap((visit) => findIn(visit))],
};

function language({ asl }: Machine): Finding[] {
  if (asl.QueryLanguage === 'JSONata') return [];
  return [{ message: `the machine's QueryLanguage is '${asl.QueryLanguage ?? 'JSONPath'}'; set queryLanguage: QueryLanguage.JSONATA` }];
}

function findIn(visit: Visit): Finding[] {
  const { state } = visit;
  const found = [...languageOf(state), ...fields(state), ...nestedFields(state), ...choices(state), ...texts(state)];
  return found.map((what) => ({ visit, message: `${named(visit)} ${what}` }));
}

function languageOf({ QueryLanguage }: State): string[] {
  return QueryLanguage === undefined || QueryLanguage === 'JSONata'
    ? []
    : [`has QueryLanguage '${QueryLanguage}'; build it with its .jsonata() factory, and rewrite its paths as {% ... %}`];
}

function isPathField(field: string): boolean {
  return field in FIELDS || field.endsWith('Path');
}

function fields(state: State): string[] {
  return Object.keys(state)
    .filter(isPathField)
    .map(
      (field) =>
        `has the JSONPath field ${field}; build it with its .jsonata() factory and use ${FIELDS[field] ?? `${field.slice(0, -'Path'.length)} with {% ... %}`}`,
    );
}

const NESTED = new Set(['ItemReader', 'ItemBatcher', 'ResultWriter', 'Catch']);

/** Readers, writers and catchers have fields of their own that only JSONPath knows. */
function nestedFields(state: State): string[] {
  const { ItemReader, ItemBatcher, ResultWriter, Catch } = state as State & Record<string, Record<string, unknown> | undefined>;
  const places: [string, object | undefined][] = [
    ['ItemReader', ItemReader],
    ['ItemReader.ReaderConfig', ItemReader?.ReaderConfig as object | undefined],
    ['ItemBatcher', ItemBatcher],
    ['ResultWriter', ResultWriter],
    ...((Catch as unknown as object[] | undefined) ?? []).map((catcher, index): [string, object] => [`Catch[${index}]`, catcher]),
  ];
  return places.flatMap(([place, value]) =>
    Object.keys(value ?? {})
      .filter(isPathField)
      .map((field) => `has the JSONPath field ${field} in ${place}; use ${FIELDS[field] ?? 'its form without Path, with {% ... %}'}`),
  );
}

function choices(state: State): string[] {
  return (state.Choices ?? []).flatMap(({ Condition, Next }) =>
    Condition === undefined ? [`has a rule to '${Next}' without Condition; build it with Condition.jsonata('{% ... %}')`] : [],
  );
}

function texts(state: State): string[] {
  const own = Object.fromEntries(Object.entries(state).filter(([field]) => !isPathField(field))) as unknown as State;
  const paths = stringsOf(own).filter(({ text, at }) => expressionIn(text) === undefined && PATH_TEXT.test(text) && !isReported(at));
  return [
    ...paths.map(
      ({ text, at }) =>
        `has the text '${text}' in ${at.join('.')}, which JSONata does not evaluate; write {% $states.input... %}, or {% '${text}' %} if it is meant as text`,
    ),
    ...keysOf(own).map((at) => `has the key ${at.join('.')}, whose '.$' means nothing in JSONata; drop it and write the value as {% ... %}`),
  ];
}

/** The fields of a rule without Condition, and those that only JSONPath knows, are reported as such. */
function isReported([field = '', ...members]: readonly string[]): boolean {
  if (field === 'Choices') return members[1] === 'Variable';
  return NESTED.has(field) && members.some(isPathField);
}

function keysOf(value: unknown, at: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    if (at.length === 0 && (key === 'Branches' || key === 'ItemProcessor' || key === 'Iterator')) return [];
    return key.endsWith('.$') ? [[...at, key]] : keysOf(member, [...at, key]);
  });
}
