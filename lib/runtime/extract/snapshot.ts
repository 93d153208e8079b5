import type { Connect, Session } from './connection';

/**
 * Runs `use` with so many sessions, each in a transaction that only reads, and all of which see the database as it was at one moment. The first exports its
 * snapshot, which lives as long as its transaction: all the others have taken it before `use` begins, so that each may end its own when it likes. `use` is
 * told when the first began.
 */
export function withSnapshot<T>(
  connect: Connect,
  count: number,
  limitMs: number,
  use: (sessions: readonly Session[], begun: number) => Promise<T>,
): Promise<T> {
  return withSessions(connect, count, async (sessions) => {
    for (const session of sessions) await session.limit(limitMs);
    const begun = performance.now();
    const [first, ...others] = sessions as [Session, ...Session[]];
    await first.query(BEGIN);
    if (others.length > 0) {
      const [exported] = await first.query<{ id: string }>('SELECT pg_catalog.pg_export_snapshot() AS id');
      for (const session of others) {
        await session.query(BEGIN);
        await session.query(`SET TRANSACTION SNAPSHOT '${exported!.id}'`);
      }
    }
    return use(sessions, begun);
  });
}

const BEGIN = 'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** All are open before any of them begins, so that no transaction waits for a connection. */
function withSessions<T>(connect: Connect, count: number, use: (sessions: readonly Session[]) => Promise<T>): Promise<T> {
  return connect((session) => (count > 1 ? withSessions(connect, count - 1, (others) => use([session, ...others])) : use([session])));
}
