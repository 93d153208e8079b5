import { type Connect, connectTo, type Session } from '../../../lib/runtime/extract/connection';
import { withSnapshot } from '../../../lib/runtime/extract/snapshot';
import { makeWorld, type World } from './support';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
  await world.admin.query('CREATE TABLE counted AS SELECT 1 AS n');
}, 60_000);
afterAll(() => world.stop());

/** Sessions between whose statements another one writes. */
async function interrupted(): Promise<Connect> {
  const connect = await connectTo('counted');
  return (use) =>
    connect((session) => {
      const query: Session['query'] = async (sql, values) => {
        const answer = await session.query(sql, values);
        await world.admin.query('INSERT INTO counted VALUES (1)');
        return answer as never;
      };
      return use({ ...session, query });
    });
}

test('all sessions see the same moment, whatever is written while they begin and after one has ended', async () => {
  const counts = await withSnapshot(await interrupted(), 4, 60_000, async (sessions) => {
    const seen: number[] = [];
    for (const session of sessions) {
      const [row] = await session.query<{ n: string }>('SELECT count(*) AS n FROM counted');
      seen.push(Number(row!.n));
      await session.query('COMMIT');
    }
    return seen;
  });
  expect(new Set(counts).size).toBe(1);
  expect(counts).toHaveLength(4);
  expect((await world.admin.query('SELECT FROM counted')).rowCount).toBeGreaterThan(counts[0]! + 10);
});

test('one session alone exports nothing', async () => {
  const sent: string[] = [];
  const connect = await connectTo('counted');
  const watched: Connect = (use) =>
    connect((session) => {
      const query: Session['query'] = (sql, values) => {
        sent.push(sql);
        return session.query(sql, values);
      };
      return use({ ...session, query });
    });
  await withSnapshot(watched, 1, 60_000, async () => undefined);
  expect(sent).toEqual(['BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY']);
});
