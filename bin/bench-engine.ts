import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execute, type S3, VirtualClock } from '../lib/engine';

/** How fast and how big the local engine is. `matrixSeconds` is what `npm run prove` takes; null where there is none. */
interface Bench {
  readonly transitionsPerSecond: number;
  readonly distributedMap: { readonly items: number; readonly peakRssMb: number };
  readonly virtualYearMs: number;
  readonly matrixSeconds: number | null;
}

const ROOT = join(__dirname, '..');
const ITEMS = 100_000;
const LAMBDA = 'arn:aws:states:::lambda:invoke';

const machine = (StartAt: string, States: object) => ({ QueryLanguage: 'JSONata', StartAt, States });
const names = { name: 'bench', stateMachineName: 'bench' };

/** Items of JSON lines that nobody stores, and results that nobody keeps. */
const endless: S3 = {
  async getObject() {
    return lines();
  },
  async *listObjects() {},
  async putObject(_object, body) {
    for await (const _ of body);
  },
};

async function* lines(): AsyncGenerator<Uint8Array> {
  const step = 500;
  for (let first = 0; first < ITEMS; first += step) {
    const some = Array.from({ length: step }, (_, index) => `${JSON.stringify({ id: first + index, key: `part-${first + index}` })}\n`);
    yield Buffer.from(some.join(''));
  }
}

/**
 * The most memory this process ever had, after so many items went through child executions that read them from S3, take a second each,
 * 1,000 at once, and export their results.
 */
async function distributedMap(): Promise<Bench['distributedMap']> {
  const clock = new VirtualClock();
  const Each = {
    Type: 'Map',
    End: true,
    MaxConcurrency: 1_000,
    ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: { InputType: 'JSONL' }, Arguments: { Bucket: 'in', Key: 'items' } },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Work',
      States: { Work: { Type: 'Task', Resource: LAMBDA, Arguments: '{% $states.input %}', End: true } },
    },
    ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out', Prefix: 'results' } },
  };
  let done = 0;
  const { status, error } = await execute(machine('Each', { Each }), {
    ...names,
    clock,
    s3: endless,
    tasks: async ({ arguments: item, signal }) => {
      await clock.sleep(1_000, signal);
      done += 1;
      return item;
    },
  });
  if (status !== 'SUCCEEDED' || done !== ITEMS) throw new Error(`the Distributed Map ended ${status} (${error}) after ${done} of ${ITEMS} items`);
  return { items: done, peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024) };
}

/** A loop of tasks, choices and assignments, as often as a history has room for, again and again for at least two seconds. */
async function transitionsPerSecond(): Promise<number> {
  const definition = machine('Start', {
    Start: { Type: 'Pass', Assign: { n: 0 }, Next: 'Work' },
    Work: { Type: 'Task', Resource: LAMBDA, Arguments: { n: '{% $n %}' }, Assign: { n: '{% $n + 1 %}' }, Next: 'More' },
    More: { Type: 'Choice', Choices: [{ Condition: '{% $n < 3500 %}', Next: 'Work' }], Default: 'Done' },
    Done: { Type: 'Succeed' },
  });
  const start = performance.now();
  let transitions = 0;
  while (performance.now() - start < 2_000) {
    transitions += (await execute(definition, { ...names, clock: new VirtualClock(), tasks: async ({ arguments: args }) => args })).transitions;
  }
  return Math.round((transitions * 1_000) / (performance.now() - start));
}

/** What a year less a day of virtual waiting takes. */
async function virtualYearMs(): Promise<number> {
  const Wait = { Type: 'Wait', Seconds: 364 * 24 * 3600, End: true };
  const start = performance.now();
  await execute(machine('Wait', { Wait }), { ...names, clock: new VirtualClock(), tasks: async () => null });
  return Math.round(performance.now() - start);
}

function matrixSeconds(): number | null {
  if (!existsSync(join(ROOT, 'bin/prove.ts'))) return null;
  const start = performance.now();
  // What it finds is told by itself; how long it looks is the same.
  spawnSync('npm', ['run', '-s', 'prove', '--', '--json'], { cwd: ROOT, stdio: 'ignore' });
  return Math.round((performance.now() - start) / 100) / 10;
}

async function main(): Promise<void> {
  const bench: Bench = {
    // First, because what others leave behind would count as its memory.
    distributedMap: await distributedMap(),
    transitionsPerSecond: await transitionsPerSecond(),
    virtualYearMs: await virtualYearMs(),
    matrixSeconds: matrixSeconds(),
  };
  console.log(JSON.stringify(bench, null, process.argv.includes('--json') ? 0 : 2));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
