import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { App, Stack } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Choice, Condition, DefinitionBody, Fail, Pass, QueryLanguage, StateMachine, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import { paths } from '../../../lib/local/paths';
import { serveStates } from '../../../lib/local/states/main';
import { sdkDefaults } from '../aws/support';

jest.setTimeout(60_000);

let folder: string;
let cdkOut: string;
const NAME = 'Check';
const ARN = `arn:aws:states:us-east-1:000000000000:stateMachine:${NAME}`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'serve-'));
  cdkOut = join(folder, 'cdk.out');
  const app = new App({ outdir: cdkOut });
  const stack = new Stack(app, 'Plain');
  const topic = new Topic(stack, 'Team');
  const decide = Choice.jsonata(stack, 'Decide')
    .when(Condition.jsonata('{% $states.input.ok %}'), Succeed.jsonata(stack, 'Good'))
    .otherwise(Fail.jsonata(stack, 'Bad', { error: 'Orders.Bad' }));
  const check = new StateMachine(stack, 'Check', {
    stateMachineName: NAME,
    queryLanguage: QueryLanguage.JSONATA,
    definitionBody: DefinitionBody.fromChainable(decide),
  });
  const old = new StateMachine(stack, 'Old', { definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Put', { resultPath: '$.x' })) });
  const rule = new Rule(stack, 'Failed', {
    eventPattern: { source: ['aws.states'], detail: { status: ['FAILED'], stateMachineArn: [check.stateMachineArn] } },
  });
  rule.addTarget(new SnsTopic(topic, { message: RuleTargetInput.fromText(`failed: ${EventField.fromPath('$.detail.name')}`) }));
  rule.addTarget(new SfnStateMachine(old));
  app.synth();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The endpoint in this process, with what it says. */
function serve(...argv: string[]) {
  const stop = new AbortController();
  const said = { stdout: '', stderr: '' };
  const writer = (to: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      said[to] += text;
    },
  });
  const code = serveStates({ root: folder, argv, stdout: writer('stdout'), stderr: writer('stderr'), abort: stop.signal });
  return { said, code, stop: () => stop.abort() };
}

test('deploys an app written without this library, runs its state machine for any client, and lets its rules see how that ended', async () => {
  const out = join(folder, 'out');
  const { said, code, stop } = serve('--port', '0', '--cdk-out', cdkOut, '--out', out);
  while (!said.stdout.includes(ARN)) await new Promise((resolve) => setTimeout(resolve, 20));
  const sfn = new SFNClient(sdkDefaults(/http:\S+/.exec(said.stdout)![0]));
  for (const [name, ok] of [
    ['good', true],
    ['bad', false],
  ] as const) {
    await sfn.send(new StartExecutionCommand({ stateMachineArn: ARN, name, input: JSON.stringify({ ok }) }));
  }
  const describe_ = async (name: string) =>
    sfn.send(new DescribeExecutionCommand({ executionArn: `${ARN.replace('stateMachine', 'execution')}:${name}` }));
  while ((await describe_('bad')).status === 'RUNNING') await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await describe_('good')).status).toBe('SUCCEEDED');
  expect(await describe_('bad')).toMatchObject({ status: 'FAILED', error: 'Orders.Bad' });
  sfn.destroy();
  stop();
  expect(await code).toBe(0);
  const messages = readFileSync(paths(out).messages, 'utf8').trim().split('\n');
  expect(messages.map((line) => JSON.parse(line).message)).toEqual(['"failed: bad"']);
  expect(said.stderr).toMatch(/warning: rule 'Failed\w+': the target arn:aws:states:\S+ is not emulated, only SNS topics are\n/);
  expect(said.stderr).toMatch(
    /warning: state machine 'Old\w+' is left out: [\s\S]*state 'Put': field 'ResultPath' is not implemented without JSONata/,
  );
});

test('a port that is in use, a folder that holds no app and a wrong flag are told in a line', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const busy = serve('--port', String(port), '--cdk-out', cdkOut, '--out', join(folder, 'busy'));
  expect([await busy.code, busy.said.stderr]).toEqual([1, expect.stringContaining(`port ${port} of 127.0.0.1 is in use; choose another`)]);
  server.close();
  const empty = serve('--cdk-out', folder, '--out', join(folder, 'empty'));
  expect([await empty.code, empty.said.stderr]).toEqual([1, expect.stringContaining(`no manifest.json in '${folder}'`)]);
  const wrong = serve('--prot');
  expect([await wrong.code, wrong.said.stderr]).toEqual([2, expect.stringContaining('--help lists the flags')]);
});

test('--help says what there is', async () => {
  const { code, said } = serve('--help');
  expect(await code).toBe(0);
  expect(said.stdout).toContain('--endpoint-url http://127.0.0.1:8083');
});
