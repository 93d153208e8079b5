// npm run -s test:mutation -- [options of stryker] | --list
// Mutates lib/engine and lib/asl, then holds what survives against test/mutation/survivors.json; --list only looks at the last report again.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

const REPORT = '.stryker/mutation.json';
/** As much of the mutated code as the list tells. */
const LONGEST = 100;

const options = process.argv.slice(2);
const onlyList = options.includes('--list');
if (!onlyList) rmSync(REPORT, { force: true });
const status = onlyList ? 0 : (spawnSync('npx', ['stryker', 'run', ...options], { stdio: 'inherit' }).status ?? 1);
const { files } = readReport();

const mutants = Object.entries(files).flatMap(([file, { source, mutants: inFile }]) =>
  inFile.map((mutant) => ({ ...mutant, id: `${file} ${mutant.mutatorName}: ${codeAt(source.split('\n'), mutant.location)}` })),
);
const survived = mutants.filter((mutant) => ['Survived', 'NoCoverage'].includes(mutant.status));
const explained = new Set(
  JSON.parse(readFileSync('test/mutation/survivors.json', 'utf8')).flatMap(({ mutants: byFile }) =>
    Object.entries(byFile).flatMap(([file, codes]) => codes.map((code) => `${file} ${code}`)),
  ),
);
const unexplained = survived.filter(({ id }) => !explained.has(id));
// What timed out may survive on a faster machine.
const alive = new Set(mutants.filter(({ status }) => !['Killed', 'CompileError'].includes(status)).map(({ id }) => id));
const gone = [...explained].filter((id) => files[id.slice(0, id.indexOf(' '))] && !alive.has(id));

console.log(
  `\n${survived.length} of ${mutants.length} mutants survive; ${survived.length - unexplained.length} are explained in test/mutation/survivors.json`,
);
tell(
  'survive and are not explained: write a test, delete the code, or say why not',
  unexplained.map(({ id, location, replacement }) => `${id} -> ${oneLine(replacement ?? '')} (line ${location.start.line})`),
);
tell('are explained and do not survive: take them off the list', gone);
process.exit(status);

function tell(what, lines) {
  if (lines.length > 0) console.log([`\n${lines.length} ${what}`, ...lines.map((line) => `  ${line}`)].join('\n'));
}

function readReport() {
  try {
    return JSON.parse(readFileSync(REPORT, 'utf8'));
  } catch (error) {
    console.error(`no report to look at in ${REPORT}: ${error.message}`);
    return process.exit(status || 1);
  }
}

function codeAt(lines, { start, end }) {
  const text = lines.slice(start.line - 1, end.line);
  text[text.length - 1] = text.at(-1).slice(0, end.column - 1);
  return oneLine(text.join('\n').slice(start.column - 1))
    .slice(0, LONGEST)
    .trim();
}

function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim();
}
