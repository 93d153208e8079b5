import { quoteTableName } from '../shared/identifier';
import type { SourceTable } from './catalogue';
import type { Session } from './connection';
import { where } from './key';

/** What the planner expects a selection to hold. It may be far off; what rests on it must be right whatever it says. */
export interface Estimate {
  readonly rows: number;
  readonly rowBytes: number;
}

interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number; readonly 'Plan Width': number } }[];
}

/** Asks the planner, which reads no row. */
export async function estimate(session: Session, table: SourceTable, projection: string, conditions: readonly string[]): Promise<Estimate> {
  const [explained] = await session.query<Explained>(
    `EXPLAIN (FORMAT JSON) SELECT ${projection} FROM ${quoteTableName(table.name)}${where(conditions)}`,
  );
  const plan = explained!['QUERY PLAN'][0]!.Plan;
  return { rows: plan['Plan Rows'], rowBytes: Math.max(1, plan['Plan Width']) };
}
