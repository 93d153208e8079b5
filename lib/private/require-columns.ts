import { literal } from './jsonata';

/** Columns that a user named. */
export interface RequiredColumns {
  /** What messages call one of them. */
  readonly what: string;
  readonly names: readonly string[];
  /** Which columns of the dataset they may be: a JSONata predicate, and what messages call those columns. @default - all */
  readonly only?: { readonly predicate: string; readonly called: string };
}

/**
 * JSONata that gives `value` if the dataset has the columns. If not, the state fails with a message that lists those there are, and is not tried
 * again: the service that is asked for the column would find out later, for each try anew, and could not say what there is.
 */
export function requireColumns({ what, names, only }: RequiredColumns, value: string): string {
  if (names.length === 0) return value;
  const message = [
    literal(`${what} '`),
    `$join($missing, "', '")`,
    literal(`' is not in the dataset; its columns${only ? ` of type ${only.called}` : ''} are '`),
    `$join($known, "', '")`,
    `"'"`,
  ].join(' & ');
  const known = `$dataset.columns${only ? `[${only.predicate}]` : ''}.name`;
  const missing = `[${names.map(literal).join(', ')}][$not($ in $known)]`;
  return `($known := ${known}; $missing := ${missing}; $exists($missing) ? $error(${message}) : ${value})`;
}
