import { existsSync, readFileSync } from 'node:fs';
import survivors from './survivors.json';

const oneLine = (text: string) => text.replace(/\s+/g, ' ');

test.each(survivors)('what may survive because $why is still there', ({ why, mutants }) => {
  expect(why).toMatch(/^\S.{30,}$/);
  for (const [file, codes] of Object.entries(mutants as unknown as Record<string, string[]>)) {
    const source = existsSync(file) ? oneLine(readFileSync(file, 'utf8')) : '';
    const lost = codes.filter((code) => !source.includes(code.slice(code.indexOf(': ') + 2)));
    expect({ file, lost }).toEqual({ file, lost: [] });
  }
});
