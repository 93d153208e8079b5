import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StateMachineAsl } from '../../lib/asl';
import { formatAsl } from '../../lib/testing';

const folder = join(__dirname, '..', 'golden');

/** Compares a definition with its golden file. `npm run test:update` writes the file; read the difference before you commit it. */
export function expectGolden(name: string, asl: StateMachineAsl): void {
  const file = join(folder, `${name}.asl.json`);
  const text = `${formatAsl(asl)}\n`;
  if (process.env.UPDATE_GOLDEN === 'true') writeFileSync(file, text);
  if (!existsSync(file)) throw new Error(`there is no golden file test/golden/${name}.asl.json; npm run test:update writes it`);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

/** Only what one step adds to a definition. */
export function ofStep(asl: StateMachineAsl, step: string): StateMachineAsl {
  const own = Object.entries(asl.States).filter(([name]) => name.startsWith(`${step}: `));
  return { StartAt: own[0]![0], States: Object.fromEntries(own) };
}

/** A golden file, for tests that take something out of it by hand. */
export function golden(name: string): StateMachineAsl {
  return JSON.parse(readFileSync(join(folder, `${name}.asl.json`), 'utf8'));
}
