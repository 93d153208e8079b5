import type { Window } from '../contract';
import { PermanentError } from '../shared/errors';
import { quoteIdentifier } from '../shared/identifier';
import { findColumn, type SourceTable } from './catalogue';

/** The rows of an incremental extraction: the window, and the condition in SQL that selects it. */
export interface Selection {
  readonly window: Window;
  readonly condition: string;
  readonly isEmpty: boolean;
}

/** The SQL condition that selects the rows of a window. */
export function windowCondition(table: SourceTable, { column, low, high, from }: Window): string {
  const start = from ?? low;
  const name = quoteIdentifier(column);
  const type = findColumn(table, column).type;
  return [...(start === null ? [] : [`${name} >= '${start}'::${type}`]), `${name} < '${high}'::${type}`].join(' AND ');
}

/** The rows of a window that was asked for, whatever the clock says. */
export function replayOf(table: SourceTable, asked: Window, form: RegExp, what: string): Selection {
  if (!form.test(asked.high)) throw new PermanentError('InvalidInput', `the high end '${asked.high.slice(0, 40)}' of the window is not ${what}`);
  const window = { ...asked, replay: true };
  return { window, condition: windowCondition(table, window), isEmpty: false };
}
