import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(__dirname, '..', '..', 'README.md');
const DIAGRAM = /(?<=^```mermaid\n)[\s\S]*?(?=^```$)/m;

/** Compares the README's diagram with a machine's. `npm run test:update` writes it. */
export function expectReadmeDiagram(diagram: string): void {
  const text = readFileSync(file, 'utf8');
  if (process.env.UPDATE_GOLDEN === 'true')
    writeFileSync(
      file,
      text.replace(DIAGRAM, () => `${diagram}\n`),
    );
  expect(DIAGRAM.exec(readFileSync(file, 'utf8'))?.[0]).toBe(`${diagram}\n`);
}
