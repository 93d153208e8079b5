import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesize } from '../lib/local/demo/synthesize';
import { crash } from '../test/crash/crash';
import type { Case } from '../test/crash/plan';
import type { CaseResult } from '../test/crash/run-case';

const ROOT = join(__dirname, '..');

/**
 * Interrupts runs of the example in every way and lets the next run go on: `npm run test:crash`, for tools `npm run -s test:crash -- --json`.
 * `--seed N --case N` repeats one case.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      cases: { type: 'string', default: '200' },
      case: { type: 'string' },
      jobs: { type: 'string', default: '2' },
    },
  });
  const seed = Number(values.seed);
  const app = mkdtempSync(join(tmpdir(), 'crash-app-'));
  try {
    await synthesize(ROOT, app);
    const report = await crash({
      ...{ root: ROOT, app, seed, cases: Number(values.cases), jobs: Number(values.jobs) },
      only: values.case === undefined ? undefined : Number(values.case),
      onCase: (planned, result, done) => process.stderr.write(`${line(planned, result, done, seed)}\n`),
    });
    console.log(values.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
    const { lost, duplicated, orphans, ahead, partial, failed } = report;
    return lost + duplicated + orphans + ahead + partial + failed === 0 ? 0 : 1;
  } finally {
    rmSync(app, { recursive: true, force: true });
  }
}

function line(
  { index, interruption, again, shape, warm, changes }: Case,
  { violations, interruptions }: CaseResult,
  done: number,
  seed: number,
): string {
  const traits = [shape, warm ? 'warm' : 'fresh', changes ? 'changing' : 'still'].join(' ');
  const what = [interruption, ...(again ? [again] : [])].map((each) => Object.values(each).join(' ')).join(', then ');
  const head = `${String(done).padStart(4)} case ${index}: ${what} (${traits})${interruptions === 0 ? ', did not strike' : ''}`;
  if (violations.length === 0) return head;
  const found = violations.map(({ rule, count, what: told }) => `       ${rule} ${count}: ${told}`);
  return [head, ...found, `       again: npm run test:crash -- --seed ${seed} --case ${index}`].join('\n');
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
