import { UsageError } from '../../../lib/local/demo/arguments';
import { parseStatesArguments } from '../../../lib/local/states/arguments';

test('without flags it is the app of this folder, on port 8083', () => {
  expect(parseStatesArguments([])).toEqual({ port: 8083, help: false });
});

test('every flag is read', () => {
  const argv = ['--port', '0', '--cdk-out', 'cdk.out', '--out', 'runs', '--source-sql', 'dump.sql', '-h'];
  expect(parseStatesArguments(argv)).toEqual({ port: 0, cdkOut: 'cdk.out', out: 'runs', script: 'dump.sql', help: true });
  expect(parseStatesArguments(['--rows', '300']).rows).toBe(300);
});

test.each([
  [['--port', '65536'], "--port takes a whole number from 0 to 65,535, got '65536'"],
  [['--port', 'http'], "got 'http'"],
  [['--rows', '-1'], '--rows'],
  [['--rows', '1', '--source-sql', 'x'], 'leave it out with --source-sql'],
  [['--prot', '1'], '--help lists the flags'],
])('%j is refused', (argv, says) => {
  expect(() => parseStatesArguments(argv)).toThrow(UsageError);
  expect(() => parseStatesArguments(argv)).toThrow(says);
});
