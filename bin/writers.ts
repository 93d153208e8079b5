import { parseArgs } from 'node:util';
import { SABOTAGES, type Sabotage } from '../test/writers/pipelines';
import type { Schedule } from '../test/writers/plan';
import type { ScheduleResult } from '../test/writers/run-schedule';
import { writers } from '../test/writers/writers';

/**
 * Lets writers write while incremental runs go on, and compares warehouse and source at the end: `npm run test:writers`, for tools
 * `npm run -s test:writers -- --json`. `--seed N --schedule N` repeats one schedule; `--sabotage lag` shows that a wrong pipeline is found out.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      schedules: { type: 'string', default: '50' },
      schedule: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      sabotage: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  const report = await writers({
    ...{ seed, schedules: Number(values.schedules), jobs: Number(values.jobs), sabotage: sabotageOf(values.sabotage) },
    only: values.schedule === undefined ? undefined : Number(values.schedule),
    onSchedule: (planned, result, done) => process.stderr.write(`${line(planned, result, done, seed)}\n`),
  });
  console.log(values.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
  const { lost, extra, failed, window, bound } = report;
  return lost + extra + failed + window + bound === 0 ? 0 : 1;
}

function sabotageOf(text: string | undefined): Sabotage | undefined {
  const known = SABOTAGES.find((each) => each === text);
  if (text !== undefined && !known) throw new Error(`no sabotage '${text}', there are: ${SABOTAGES.join(', ')}`);
  return known;
}

function line(
  { index, deletes, replica, rounds }: Schedule,
  { runs, commits, late, violations }: ScheduleResult,
  done: number,
  seed: number,
): string {
  const traits = `${deletes}${replica ? ', replica' : ''}: ${rounds.map(({ run, stalls }) => `${run}${stalls ? ' (stalls)' : ''}`).join(', ')}`;
  const head = `${String(done).padStart(4)} schedule ${index} (${traits}): ${runs} runs, ${commits} commits, ${late} late`;
  if (violations.length === 0) return head;
  const found = violations.map(({ rule, count, what }) => `       ${rule} ${count}: ${what}`);
  return [head, ...found, `       again: npm run test:writers -- --seed ${seed} --schedule ${index}`].join('\n');
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.stack);
    process.exitCode = 1;
  },
);
