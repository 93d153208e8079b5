import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import type { Order, Told } from './interruption';

/** How a child process ended: it told how its run went, or was killed, or failed with what it said. */
export interface Ended {
  readonly told?: Told;
  readonly killed: boolean;
  readonly failure?: string;
  /** How many of its processes outlived it. */
  readonly left: number;
}

const PATIENCE_MS = 120_000;
const LEAVE_MS = 5_000;

/** Runs orders in child processes, each the leader of a process group of its own. */
export class Runner {
  /** Bundles the child, because it is started hundreds of times. `root` is the project's folder. */
  static async open(root: string): Promise<Runner> {
    mkdirSync(join(root, 'cdk.out'), { recursive: true });
    // Two levels below the root, as what it is made of, so that it finds the shipped assets and the packages.
    const folder = mkdtempSync(join(root, 'cdk.out', 'crash-'));
    const outfile = join(folder, 'child.js');
    const entryPoints = [join(__dirname, 'child.ts')];
    await build({ entryPoints, outfile, bundle: true, platform: 'node', target: 'node20', format: 'cjs', packages: 'external', logLevel: 'warning' });
    return new Runner(folder, outfile);
  }

  private readonly children = new Set<ChildProcess>();

  private constructor(
    private readonly folder: string,
    private readonly script: string,
  ) {}

  async run(order: Order, temporary: string): Promise<Ended> {
    mkdirSync(temporary, { recursive: true });
    const child = spawn(process.execPath, [this.script], {
      detached: true,
      env: { PATH: process.env.PATH, TMPDIR: temporary },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.children.add(child);
    const said = { out: '', error: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.out += chunk));
    child.stderr.on('data', (chunk: Buffer) => (said.error += chunk));
    child.stdin.on('error', () => {}).end(JSON.stringify(order));
    let hung = false;
    const impatient = setTimeout(() => {
      hung = true;
      end(child);
    }, PATIENCE_MS);
    const signal = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
    clearTimeout(impatient);
    const left = await membersLeft(child.pid!);
    this.children.delete(child);
    if (hung) return { killed: false, failure: `it did not end within ${PATIENCE_MS / 1000} s`, left };
    if (signal === 'SIGKILL') return { killed: true, left };
    if (said.out === '') return { killed: false, failure: said.error.slice(-2000) || `it ended by ${signal}`, left };
    return { killed: false, told: JSON.parse(said.out) as Told, left };
  }

  /** Ends what still runs. */
  close(): void {
    for (const child of this.children) end(child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function end(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** A killed process takes a moment to go. */
async function membersLeft(group: number): Promise<number> {
  for (const started = Date.now(); ; await sleep(50)) {
    const members = membersOf(group);
    if (members === 0 || Date.now() - started > LEAVE_MS) return members;
  }
}

function membersOf(group: number): number {
  const processes = execFileSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' });
  return processes.split('\n').filter((line) => {
    const [pgid, state = ''] = line.trim().split(/\s+/);
    return Number(pgid) === group && !state.startsWith('Z');
  }).length;
}
