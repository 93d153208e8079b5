// Runs what the README tells a reader to type, and compiles what it tells them to write.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```(ts|sh)\n(.*?)^```/gms)].map(([, language, text]) => ({
  language,
  text,
}));

// Elsewhere: the gate runs the first itself, the others need an account or install what is being tested.
const elsewhere = [/^npm ci\b/, /^npx cdk deploy\b/, /^npm install\b/];
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.trim().split('\n'))
  .filter((command) => !elsewhere.some((pattern) => pattern.test(command)));
for (const command of commands) {
  console.log(`$ ${command}`);
  const { status, stdout } = spawnSync(command, { cwd: root, shell: true, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  process.stdout.write(stdout);
  const asExpected = command.includes('--fail Load:3') ? status === 1 && stdout.includes('Failed at: Load: Transaction') : status === 0;
  if (!asExpected) throw new Error(`README: '${command}' did not do what the README says, and ended with ${status}`);
}

const folder = join(root, 'test', '.readme');
const fixture = readFileSync(join(root, 'test', 'fixtures', 'readme.ts.txt'), 'utf8');
try {
  mkdirSync(folder, { recursive: true });
  const snippets = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text);
  snippets.forEach((snippet, index) => {
    writeFileSync(join(folder, `snippet-${index + 1}.ts`), compilable(snippet));
  });
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, rootDir: '../..' };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] }));
  execFileSync('npx', ['tsc', '-p', folder], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  console.log(`${commands.length} commands ran, ${snippets.length} snippets compile`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Imports stay at the top; a lone property is put into an object; the rest becomes the body of a class that has what a stack would have. */
function compilable(snippet) {
  const lines = snippet.split('\n');
  const imports = lines
    .filter((line) => line.startsWith('import '))
    .map((line) =>
      line
        .replace("'cdk-data-pipeline/testing'", "'../../lib/testing'")
        .replace("'cdk-data-pipeline/testing/jest'", "'../../lib/testing/jest/setup'"),
    );
  const body = lines.filter((line) => !line.startsWith('import ')).join('\n');
  const code = /^definition:/.test(body.trim()) ? `void { ${body} };` : body;
  return fixture.replace('// imports', imports.join('\n')).replace('// code', code);
}
