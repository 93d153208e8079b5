import type { AlertSpec, RetrySpec } from '../types';
import type { Machine, Visit } from '../walk';

/** What the check knows beside the machine. */
export interface CheckOptions {
  readonly retry: RetrySpec;
  /** Give the whole specification to have clashes of names found. */
  readonly alert?: Pick<AlertSpec, 'startAt'> & Partial<AlertSpec>;
  /** IAM actions granted to the machine's role. */
  readonly actions?: readonly string[];
}

/** What a rule finds wrong. */
export interface Finding {
  /** The state; undefined for the machine itself. */
  readonly visit?: Visit;
  /** @default 'error' */
  readonly severity?: 'error' | 'warning';
  readonly message: string;
}

/** One thing that must hold in every machine. */
export interface Rule {
  readonly id: string;
  readonly find: (machine: Machine, options: CheckOptions) => Finding[];
}

/** How messages name a state: its type, which a user's own JSON may lack, and name. */
export function named({ name, state }: Visit): string {
  return `${state.Type?.toLowerCase() ?? 'state'} '${name}'`;
}

/** `'a', 'b' or 'c'` */
export function listed(names: Iterable<string>, conjunction = 'or'): string {
  return enumerated(
    Array.from(names, (name) => `'${name}'`),
    conjunction,
  );
}

/** `a, b or c` */
export function enumerated(words: readonly string[], conjunction = 'or'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}

/** `A -> B -> C`, its middle cut out if it is long. */
export function pathOf(names: readonly string[]): string {
  const shown = names.length > 8 ? [...names.slice(0, 4), '...', ...names.slice(-3)] : names;
  return shown.join(' -> ');
}
