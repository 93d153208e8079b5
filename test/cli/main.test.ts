import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stage } from 'aws-cdk-lib';
import { MinimalStack } from '../../examples/minimal/stack';
import { OrdersToRedshiftStack } from '../../examples/orders-to-redshift/stack';
import { main } from '../../lib/cli/main';

let out: string;

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'cli-'));
  const app = new App({ outdir: out });
  new OrdersToRedshiftStack(app, 'Orders');
  new MinimalStack(new Stage(app, 'Live'), 'Minimal');
  app.synth();
});

afterAll(() => rmSync(out, { recursive: true, force: true }));

async function cli(...argv: string[]) {
  const said = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (said[name] += text) });
  return { code: await main({ argv, stdout: stream('stdout'), stderr: stream('stderr') }), ...said };
}

const estimates = async (...argv: string[]) => JSON.parse((await cli('cost', '--app', out, '--json', ...argv)).stdout).machines;

describe('cost', () => {
  test('prints a table of every state machine, those of stages too, with what was assumed', async () => {
    const { code, stdout } = await cli('cost', '--app', out);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Orders\/Orders\w+\n {2}one run +transitions +events +Step Functions +services +total\n {2}best +\d+ /m);
    expect(stdout).toMatch(/^Live-Minimal\/Customers\w+$/m);
    expect(stdout).toContain("assumed: 1 part, 1,000 rows; the loop of 'Load: Wait' waits 60 s for an answer");
  });

  test('takes assumptions and prices, sizes from the template', async () => {
    const asked = ['--parts', '4', '--seconds', 'Load=1800', '--seconds', 'Clean: Part=100', '--price', 'transition=1'];
    const [{ expected, assumed, assumptions }] = await estimates('--machine', 'OrdersStateMachine', ...asked);
    const [plain] = await estimates('--machine', 'OrdersStateMachine', '--seconds', 'Load=1800');
    expect(expected.transitions).toBe(plain.expected.transitions + 3);
    expect(expected.dollars.transitions).toBe(expected.transitions);
    expect(assumed).toEqual([]);
    expect(assumptions.sizes['Parquet: Convert']).toEqual({ dpus: 2 });
    expect(assumptions.sizes['Clean: Part'].memoryMb).toBeGreaterThan(128);
  });

  test('goes the way that it is told', async () => {
    const [skipped] = await estimates('--machine', 'OrdersStateMachine', '--way', 'Load: Any records?=Load: Skipped');
    const [empty] = await estimates('--machine', 'OrdersStateMachine', '--rows', '0', '--parts', '0', '--retries', 'Extract: Run=1');
    const states = ({ expected }: { expected: { states: { name: string }[] } }) => expected.states.map(({ name }) => name);
    expect(states(skipped)).toContain('Load: Skipped');
    expect(states(skipped)).not.toContain('Load: Submit');
    expect(states(empty)).toEqual(expect.arrayContaining(['Load: Skipped', 'Clean: Parts']));
    expect(states(empty)).not.toContain('Clean: Part');
  });
});

describe('graph', () => {
  test('draws one state machine', async () => {
    const { code, stdout } = await cli('graph', '--app', out, '--machine', 'Customers');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^stateDiagram-v2\n {2}state "[^"]+" as s1\n/);
  });

  test('leaves out what only errors lead to, if asked', async () => {
    const { stdout } = await cli('graph', '--app', out, '--machine', 'Customers', '--no-errors');
    expect(stdout).toContain('Load: Wait');
    expect(stdout).not.toMatch(/: error|Alert: Publish/);
  });

  test('of several wants one named', async () => {
    expect(await cli('graph', '--app', out)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/name one by --machine: Live-Minimal\/\w+, Orders\/\w+/),
    });
  });
});

test.each([
  [[], 0, 'npx cdk-data-pipeline COMMAND'],
  [['--help'], 0, 'npx cdk-data-pipeline COMMAND'],
  [['cost', '--help'], 0, '--parts N'],
  [['graph', '-h'], 0, '--machine NAME'],
])('%j answers %d with help', async (argv, code, help) => {
  expect(await cli(...argv)).toMatchObject({ code, stdout: expect.stringContaining(help), stderr: '' });
});

test.each([
  [['bill'], "there is no command 'bill'; there are cost and graph"],
  [['toString'], "there is no command 'toString'"],
  [['cost', '--bogus'], "Unknown option '--bogus'; --help lists the flags"],
  [['cost', '--parts', 'many'], "--parts takes a number from 0, got 'many'"],
  [['cost', '--seconds', '5'], "--seconds takes NAME=VALUE, got '5'"],
  [['cost', '--price', 'gold=5'], "--price knows no 'gold'"],
  [['cost', '--input', '{'], "--input takes JSON, got '{'"],
  [['cost', '--app', 'nowhere'], "no manifest.json in 'nowhere'; run cdk synth"],
])('%j is a wrong command line that says why', async (argv, message) => {
  expect(await cli(...argv)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
});

test('a state machine that is not there is told with those that are', async () => {
  const { code, stderr } = await cli('cost', '--app', out, '--machine', 'Nothing');
  expect(code).toBe(2);
  expect(stderr).toMatch(/matches 'Nothing'; there are: Live-Minimal\/Customers\w+, Orders\/Orders\w+/);
});
