import { writers } from './writers';

jest.setTimeout(300_000);

test('the warehouse equals the source once the writers have ended, however late they commit and whatever interrupts the runs', async () => {
  const told: string[] = [];
  const report = await writers({
    ...{ seed: 1, schedules: 3, jobs: 2 },
    onSchedule: ({ index }, { violations }) =>
      told.push(...violations.map(({ rule, what }) => `${rule}: ${what}; again: npm run test:writers -- --seed 1 --schedule ${index}`)),
  });
  expect(told).toEqual([]);
  expect(report).toMatchObject({ schedules: 3, onReplica: 1, lost: 0, extra: 0, failed: 0, window: 0, bound: 0 });
  expect(report.lateCommits).toBeGreaterThan(0);
});
