import { helpText, parseArguments, UsageError } from '../../../lib/local/demo/arguments';

test('without flags everything has its default', () => {
  expect(parseArguments([])).toEqual({
    rows: undefined,
    out: undefined,
    fast: false,
    own: undefined,
    faults: [],
    input: {},
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
    input: {},
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
  [['--out', 'here', '--resume', 'run-1'], { resume: 'run-1' }],
  [['--window', '2026-01-01T00:00:00Z,2026-02-01T00:00:00Z'], { window: { low: '2026-01-01T00:00:00Z', high: '2026-02-01T00:00:00Z' } }],
  [['--window', ',7', '--dry-run'], { window: { low: null, high: '7' }, dryRun: true }],
])('%j is the run input', (argv, input) => {
  expect(parseArguments(argv).input).toEqual(input);
});

test.each([
  [['--resume', 'run-1'], '--resume RUN_ID needs --out DIR'],
  [['--out', 'here', '--resume', 'run-1', '--dry-run'], 'leave --window and --dry-run out'],
  [['--replay-rejects', 'run-1'], '--replay-rejects RUN_ID needs --out DIR'],
  [
    ['--out', 'here', '--replay-rejects', 'run-1', '--window', '1,2'],
    '--replay-rejects extracts nothing; leave --resume, --window and --dry-run out',
  ],
  [['--window', 'now'], "--window takes LOW,HIGH, as in 2026-01-31T00:00:00Z,2026-02-01T00:00:00Z, or ,HIGH for all before HIGH; got 'now'"],
  [['--window', '1,2,3'], '--window takes LOW,HIGH'],
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
  for (const flag of [
    '--rows',
    '--out',
    '--fast',
    '--source-sql',
    '--table',
    '--key',
    '--fail',
    '--resume',
    '--window',
    '--dry-run',
    '--replay-rejects',
    '--json',
    '--mermaid',
    '--help',
  ])
    expect(text).toContain(flag);
  expect(text).toContain('Load  Load: Submit');
});
