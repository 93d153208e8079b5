import { mermaidOf } from '../../lib/asl/diagram';
import { mermaidLabel, mermaidText } from '../../lib/asl/mermaid-text';

/** Names that a statement of the grammar, a comment, a directive, a tag or Markdown would be read from, and what is written for them. */
const NAMES: [string, string][] = [
  ['Load: Submit; then wait', 'Load: Submit; then wait'],
  ['say "it"', "say 'it'"],
  ['two\nlines\tand   blanks ', 'two lines and blanks'],
  ['Turn direction LR', 'Turn direction#32;LR'],
  ['DIRECTION tb', 'DIRECTION#32;tb'],
  ['is [[choice]] or <<fork>>', 'is #91;[choice]] or #60;#60;fork>>'],
  ['%%{init: {}}%%', '#37;%{init: {}}#37;%'],
  ['#35;', '#35;35;'],
  ['1. Extract', '1#46; Extract'],
  ['2) Clean', '2#41; Clean'],
  ['- Load', '#45; Load'],
  ['<br/>', '#60;br/>'],
  ['a < b', 'a < b'],
  ['end', 'end'],
  ['default', 'default'],
  ['注文を読み込む – größer', '注文を読み込む – größer'],
  ['x'.repeat(80), 'x'.repeat(80)],
];

test.each(NAMES)('%j is written so that Mermaid shows it as it is', (name, written) => {
  expect(mermaidText(name)).toBe(written);
});

test('in the label of an arrow colons and semicolons are written so, too', () => {
  expect(mermaidLabel('a := "x;y" # 1')).toBe("a #58;= 'x#59;y' #35; 1");
});

/** The statements of Mermaid's grammar of state diagrams (stateDiagram.jison) that a diagram is made of; ids and texts as its lexer reads them. */
const STATEMENTS = [
  /^stateDiagram-v2$/,
  /^state "[^"]+" as s\d+( \{)?$/,
  /^(\[\*\]|s\d+) --> (\[\*\]|s\d+)( : ([^:;]|#\w+;)+)?$/,
  /^--$/,
  /^\}$/,
  /^classDef \w+ \S+$/,
  /^class \w+(,\w+)* \w+$/,
];
/** What the lexer looks for before it looks for those: whatever line has it is something else. */
const GREEDY = /direction\s+(TB|BT|LR|RL)|<<(fork|join|choice)>>|\[\[(fork|join|choice)\]\]|%%/i;

test('a diagram of such names and conditions is made of statements of the grammar alone, whatever is inside whatever', () => {
  const inner = { StartAt: 'in a', States: { 'in a': { Type: 'Pass', End: true } } };
  const conditions = NAMES.map(([name], index) => ({ Condition: `{% $states.input = '${name}' and $x[0] < ${index} %}`, Next: name }));
  const states = Object.fromEntries(NAMES.map(([name]) => [name, { Type: 'Parallel', Branches: [inner, inner], End: true }]));
  const definition = { StartAt: 'Which', States: { Which: { Type: 'Choice', Choices: conditions }, ...states } };
  const marks = NAMES.map(([name], index) => ({ name, attempts: index, failed: index === 0 }));
  const lines = mermaidOf(definition, marks).split('\n');
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.filter((line) => GREEDY.test(line) || !STATEMENTS.some((statement) => statement.test(line.trim())))).toEqual([]);
});
