import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { Dataset, ExtractEvent } from '../../../lib/runtime/contract';
import { makeWorld, type World } from './support';

const MB = 1024 * 1024;
let world: World;
let folder: string;

beforeAll(async () => {
  world = await makeWorld();
  folder = mkdtempSync(path.join(tmpdir(), 'bundle-'));
  await build({
    entryPoints: ['lib/runtime/extract/index.ts'],
    outfile: path.join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    minify: true,
    external: ['pg-native'],
    logLevel: 'error',
  });
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world.stop();
});

interface Outcome {
  readonly dataset?: Dataset;
  readonly error?: { readonly name: string; readonly message: string };
  readonly peak: number;
  readonly output: string;
}

/** Runs the bundle alone in a process, as Lambda does. On Linux maxRSS also counts what the process was forked from, which VmHWM does not. */
async function invoke(event: ExtractEvent, environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const script = `
    const { existsSync, readFileSync } = require('node:fs');
    const status = '/proc/self/status';
    const peak = () => existsSync(status) ? Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync(status, 'utf8'))[1]) : process.resourceUsage().maxRSS;
    const done = (outcome) => process.send({ ...outcome, peak: peak() * 1024 }, () => process.disconnect());
    require(${JSON.stringify(folder)}).handler(${JSON.stringify(event)}).then(
      (dataset) => done({ dataset }), (error) => done({ error: { name: error.name, message: error.message } }));`;
  const child = spawn(process.execPath, ['-e', script], {
    cwd: folder,
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (output += chunk));
  let outcome: Omit<Outcome, 'output'> | undefined;
  child.on('message', (message) => (outcome = message as Outcome));
  await once(child, 'close');
  if (!outcome) throw new Error(`the bundle ended without an answer: ${output}`);
  return { ...outcome, output };
}

test('the bundle extracts a million rows in bounded memory, and says nothing', async () => {
  await world.admin.query(`
    CREATE UNLOGGED TABLE million AS SELECT n AS id, md5(n::text) AS status, (n * 1.01)::numeric(12,2) AS amount, now() AS created_at,
      md5((n * 7)::text) || md5((n * 11)::text) AS note FROM generate_series(1, 1000000) n`);
  const small = await invoke(world.event('million', { columns: ['id'], partBytes: 16 * MB }));
  const { dataset, peak, output } = await invoke(world.event('million', { partBytes: 64 * MB }));
  expect(dataset).toMatchObject({ recordCount: 1_000_000, parts: 3 });
  expect(output).toBe('');

  expect(peak).toBeLessThan(220 * MB);
  // twenty times the bytes, the same memory but for what buffers and the garbage collector keep
  expect(peak - small.peak).toBeLessThan(70 * MB);
}, 120_000);

test('the bundle without a route to S3 says which endpoint is missing', async () => {
  await world.admin.query('CREATE TABLE one AS SELECT 1 AS n');
  const { error } = await invoke(world.event('one'), { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' });
  expect(error!.name).toBe('StorageUnavailable');
  expect(error!.message).toContain('(ECONNREFUSED); a function in a VPC needs an S3 gateway endpoint');
});

test('the bundle without a secret says what to set', async () => {
  const { error } = await invoke(world.event('one'), { SECRET_ARN: '' });
  expect(error).toMatchObject({ name: 'InvalidInput', message: expect.stringContaining('SECRET_ARN is missing') });
});

test('the bundle without a route to Secrets Manager says what the function needs', async () => {
  const { error } = await invoke(world.event('one'), { AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:9' });
  expect(error!.name).toBe('SecretUnavailable');
  expect(error!.message).toContain("(ECONNREFUSED); the function's role needs secretsmanager:GetSecretValue");
});
