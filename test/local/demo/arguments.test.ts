import { helpText, parseArguments, UsageError } from '../../../lib/local/demo/arguments';

test('without flags everything has its default', () => {
  expect(parseArguments([])).toEqual({
    rows: undefined,
    out: undefined,
    fast: false,
    own: undefined,
    faults: [],
    json: false,
    mermaid: false,
    help: false,
  });
});

test('all flags', () => {
  const argv = ['--rows', '500', '--out=here', '--fast', '--json', '--fail', 'Load:2', '--fail', 'Clean'];
  expect(parseArguments(argv)).toEqual({
    rows: 500,
    out: 'here',
    fast: true,
    own: undefined,
    json: true,
    mermaid: false,
    help: false,
    faults: [
      { step: 'Load', times: 2, error: 'Injected.Fault' },
      { step: 'Clean', times: 1, error: 'Injected.Fault' },
    ],
  });
});

test('a table of the user', () => {
  const { own } = parseArguments(['--source-sql', 'dump.sql', '--table', 'sales.t', '--key', 'a,b']);
  expect(own).toEqual({ script: 'dump.sql', table: 'sales.t', key: 'a,b' });
});

test.each([
  [['--row', '5'], "Unknown option '--row'; --help lists the flags"],
  [['extra'], "Unexpected argument 'extra'"],
  [['--out'], 'argument missing'],
  [['--rows', 'many'], "--rows takes a whole number of at least 0, got 'many'"],
  [['--rows=-1'], "--rows takes a whole number of at least 0, got '-1'"],
  [['--fail', 'Load:x'], "--fail: fault 'Load:x' is not of the form"],
  [['--source-sql', 'dump.sql', '--table', 't'], '--key COL[,COL] belong together'],
  [['--table', 't'], 'belong together'],
  [['--json', '--mermaid'], '--json and --mermaid both ask for standard output'],
  [['--source-sql', 'd', '--table', 't', '--key', 'a,,b'], "--key takes column names separated by commas, got 'a,,b'"],
  [['--source-sql', 'd', '--table', 't', '--key', 'a', '--rows', '5'], '--rows is for the generated orders'],
])('%j is refused and the message says why', (argv, message) => {
  expect(() => parseArguments(argv)).toThrow(UsageError);
  expect(() => parseArguments(argv)).toThrow(message);
});

test('the help names every flag and the main task of every step', () => {
  const text = helpText(new Map([['Load', 'Load: Submit']]));
  for (const flag of ['--rows', '--out', '--fast', '--source-sql', '--table', '--key', '--fail', '--json', '--mermaid', '--help'])
    expect(text).toContain(flag);
  expect(text).toContain('Load  Load: Submit');
});
