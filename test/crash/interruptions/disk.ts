import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import promises from 'node:fs/promises';
import type { Interruption } from '../interruption';
import type { Striking } from '.';

const noSpace = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' });

/** The disk is full for what this process writes into the folder of the run, or no file may grow, those of the engines included. */
export function fillDisk({ how, bytes }: Extract<Interruption, { kind: 'disk' }>, out: string): Striking {
  if (how === 'fileSize') {
    const { status } = spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:${bytes}`], { stdio: 'ignore' });
    return { struck: () => (status === 0 ? 1 : 0) };
  }
  let left = bytes;
  let struck = 0;
  const take = (path: unknown, content: unknown) => {
    if (!String(path).startsWith(out)) return;
    left -= typeof content === 'string' || Buffer.isBuffer(content) ? content.length : 0;
    if (left >= 0) return;
    struck += 1;
    throw noSpace();
  };

  const { open } = promises;
  promises.open = async (path, ...more) => {
    const file = await open(path, ...more);
    const writeFile = file.writeFile.bind(file);
    file.writeFile = async (content, options) => {
      take(path, content);
      return writeFile(content, options);
    };
    return file;
  };
  const { writeFile } = promises;
  promises.writeFile = async (file, content, options) => {
    take(file, content);
    return writeFile(file, content, options);
  };
  const { writeFileSync, appendFileSync } = fs;
  fs.writeFileSync = (file, content, options) => {
    take(file, content);
    writeFileSync(file, content, options);
  };
  fs.appendFileSync = (file, content, options) => {
    take(file, content);
    appendFileSync(file, content, options);
  };
  return { struck: () => struck };
}
