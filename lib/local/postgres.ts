import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';

import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ClientConfig } from 'pg';
import { type Account, type Binaries, findBinaries, giveTo } from './postgres-binaries';

/** Where a local PostgreSQL keeps its data and how it is spoken to. */
export interface StartPostgresOptions {
  /** Absent or empty. Where the server's account cannot reach it, the data lies in a temporary folder that goes with the server. */
  readonly dataDir: string;
  /** Encrypted connections only, with a certificate made for this start. @default false */
  readonly tls?: boolean;
}

/** A running PostgreSQL. */
export interface LocalPostgres {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The certificate to trust, with `tls`. */
  readonly caFile?: string;
  /** Ends all connections and the server. May be called twice. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Encrypted connections only, those of a replica too. */
const HBA = ['all', 'replication'].map((database) => `hostssl ${database} all ${HOST}/32 scram-sha-256\n`).join('');
const USER = 'postgres';
const START_MS = 30_000;
const STOP_MS = 10_000;
const PORT_TRIES = 5;

/** Starts a real PostgreSQL on a free port of the loopback interface. It ends with `stop()` or with this process, however that ends. */
export async function startPostgres(options: StartPostgresOptions): Promise<LocalPostgres> {
  const binaries = findBinaries();
  const temporary = binaries.copy ? [binaries.copy] : [];
  try {
    const cluster = makeFolder(options.dataDir, binaries.account, temporary);
    const password = randomBytes(24).toString('base64url');
    initialize(binaries, cluster, password);
    const caFile = options.tls ? await addCertificate(cluster, binaries.account) : undefined;
    const served = await serve(binaries, cluster, { tls: options.tls ?? false, temporary });
    return { host: HOST, user: USER, password, database: 'postgres', ...(caFile && { caFile }), ...served };
  } catch (error) {
    for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Starts the server of a data folder that is the account's own; `temporary` folders go with it. */
export async function serve(
  binaries: Binaries,
  cluster: string,
  { tls, temporary }: { readonly tls: boolean; readonly temporary: readonly string[] },
): Promise<Pick<LocalPostgres, 'port' | 'stop'>> {
  const { server, port } = await launch(binaries, cluster, tls);
  const watchdog = startWatchdog(server.pid!, temporary);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= shutDown(server, watchdog, temporary);
    return stopped;
  };
  return { port, stop };
}

/** How `pg` connects to a local PostgreSQL. */
export function clientConfig(db: Omit<LocalPostgres, 'stop'>): ClientConfig {
  const { host, port, user, password, database } = db;
  return { host, port, user, password, database, ssl: db.caFile ? { ca: readFileSync(db.caFile, 'utf8') } : false };
}

function makeFolder(dataDir: string, account: Account | undefined, temporary: string[]): string {
  const folder = path.resolve(dataDir);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(`the data folder '${dataDir}' is not empty; name an absent or empty folder, or remove what is in it`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!account) return folder;
  giveTo(folder, account);
  if (spawnSync('/bin/sh', ['-c', 'cd -- "$0"', folder], { ...account, cwd: '/', stdio: 'ignore' }).status === 0) return folder;
  const reachable = mkdtempSync(path.join(tmpdir(), 'postgres-data-'));
  temporary.push(reachable);
  giveTo(reachable, account);
  return reachable;
}

function initialize(binaries: Binaries, cluster: string, password: string): void {
  const secret = mkdtempSync(path.join(tmpdir(), 'postgres-init-'));
  try {
    const passwordFile = path.join(secret, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (binaries.account) giveTo(secret, binaries.account);
    const result = spawnSync(
      binaries.initdb,
      ['-D', cluster, `--username=${USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
      { ...binaries.account, cwd: '/', env: serverEnvironment(), encoding: 'utf8' },
    );
    if (result.status !== 0) throw new Error(`initdb failed for the data folder '${cluster}': ${lastLines(result.stderr ?? String(result.error))}`);
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }
}

async function addCertificate(cluster: string, account: Account | undefined): Promise<string> {
  const { generate } = await import('selfsigned').catch(() => {
    throw new Error("TLS to the local PostgreSQL needs the package 'selfsigned', which is not installed; run: npm i -D selfsigned");
  });
  const made = await generate([{ name: 'commonName', value: HOST }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: HOST }] },
    ],
  });
  const caFile = path.join(cluster, 'server.crt');
  writeFileSync(caFile, made.cert, { mode: 0o600 });
  writeFileSync(path.join(cluster, 'server.key'), made.private, { mode: 0o600 });
  writeFileSync(path.join(cluster, 'pg_hba.conf'), HBA, { mode: 0o600 });
  if (account) giveTo(cluster, account);
  return caFile;
}

/** PostgreSQL cannot be asked to choose a port, so another process may take the chosen one first. */
async function launch(binaries: Binaries, cluster: string, tls: boolean): Promise<{ server: ChildProcess; port: number }> {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    const settings = {
      listen_addresses: HOST,
      unix_socket_directories: '',
      fsync: 'off',
      timezone: 'UTC',
      // what PostgreSQL logs of a failed statement may hold values of rows
      log_min_messages: 'warning',
      ssl: tls ? 'on' : 'off',
    };
    const args = ['-D', cluster, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const server = spawn(binaries.postgres, args, {
      ...binaries.account,
      cwd: '/',
      env: serverEnvironment(),
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const failure = await ready(server);
    if (failure === undefined) return { server, port };
    if (!failure.includes('Address already in use') || tries === PORT_TRIES) {
      throw new Error(`the local PostgreSQL did not start from '${cluster}': ${failure}`);
    }
  }
}

/** Answers nothing once the server takes connections, else what it said before it ended. */
async function ready(server: ChildProcess): Promise<string | undefined> {
  const log = server.stderr!;
  return new Promise((resolve) => {
    let said = '';
    const finish = (failure: string | undefined) => {
      clearTimeout(timer);
      log.removeAllListeners('data').resume();
      server.removeAllListeners();
      release(server);
      resolve(failure);
    };
    const timer = setTimeout(() => {
      server.kill('SIGQUIT');
      finish(`it was not ready after ${START_MS / 1000} s`);
    }, START_MS);
    server.once('error', (error) => finish(error.message));
    server.once('exit', () => finish(lastLines(said)));
    log.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/database system is ready to accept (read-only )?connections/.test(said)) finish(undefined);
    });
  });
}

/** A shell that reads from this process for ever: when this process is gone, by whatever signal, the shell ends the server. */
function startWatchdog(pid: number, temporary: readonly string[]): ChildProcess {
  const script = 'cat >/dev/null; kill -QUIT "$0"; while kill -0 "$0" 2>/dev/null; do sleep 0.1; done; rm -rf -- "$@"';
  const watchdog = spawn('/bin/sh', ['-c', script, String(pid), ...temporary], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  release(watchdog);
  return watchdog;
}

/** A server that nobody stopped does not keep this process from ending. */
function release(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stderr]) (stream as Socket | null)?.unref();
}

async function shutDown(server: ChildProcess, watchdog: ChildProcess, temporary: readonly string[]): Promise<void> {
  watchdog.kill('SIGKILL');
  watchdog.stdin!.destroy();
  if (server.exitCode === null && server.signalCode === null) {
    server.ref();
    const exited = once(server, 'exit');
    server.kill('SIGINT');
    const impatient = setTimeout(() => server.kill('SIGQUIT'), STOP_MS);
    await exited;
    clearTimeout(impatient);
  }
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
}

function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, HOST);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join('; ');
}
