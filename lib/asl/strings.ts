import type { State } from './types';

/** A string somewhere in a state's own fields. */
export interface StateString {
  readonly text: string;
  /** Field names and indexes that lead to it, e.g. `['Arguments', 'Payload', 'low']`. */
  readonly at: readonly string[];
}

/** Fields that name things, or hold other states: nothing in them is evaluated. */
const NOT_EVALUATED = new Set([
  'Type',
  'Comment',
  'QueryLanguage',
  'Resource',
  'Next',
  'Default',
  'Branches',
  'ItemProcessor',
  'Iterator',
  'Retry',
  'Label',
]);

/** Every string of the state's own fields that the service may evaluate; states inside it are left to their own visit. */
export function stringsOf(state: State): StateString[] {
  return Object.entries(state).flatMap(([field, value]) => (NOT_EVALUATED.has(field) ? [] : stringsIn(value, [field])));
}

function stringsIn(value: unknown, at: readonly string[]): StateString[] {
  if (typeof value === 'string') return isReference(at) ? [] : [{ text: value, at }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => stringsIn(member, [...at, key]));
}

/** Where a rule or catcher goes to, and what it catches: names, not values. */
function isReference([field, , member]: readonly string[]): boolean {
  return (field === 'Choices' || field === 'Catch') && (member === 'Next' || member === 'ErrorEquals' || member === 'Comment');
}

/** The JSONata of a string `{% ... %}`; undefined if it is plain text. */
export function expressionIn(text: string): string | undefined {
  return text.startsWith('{%') && text.endsWith('%}') ? text.slice(2, -2).trim() : undefined;
}
