import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { TaskError } from '../../lib/engine';
import { type LambdaFunction, LambdaRunner, lambdaIntegration } from '../../lib/local/lambda';

const HANDLER = `
const { setTimeout: sleep } = require('node:timers/promises');
let calls = 0;
const cases = {
  echo: (event) => event,
  count: () => ({ pid: process.pid, calls: ++calls }),
  environment: () => ({ env: process.env, argv: process.argv, execArgv: process.execArgv.filter((arg) => arg.startsWith('--')), cwd: process.cwd() }),
  context: (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() }),
  log: () => { console.log('a line of the log'); return null; },
  nothing: () => undefined,
  fail: () => { class SourceNotFound extends Error { name = 'SourceNotFound'; } throw new SourceNotFound('no such table'); },
  failWithText: () => { throw 'just text'; },
  exit: () => process.exit(3),
  exitZero: () => process.exit(0),
  crashLater: async () => { setTimeout(() => { throw new RangeError('later'); }, 5); await sleep(5000); },
  rejectLater: async () => { Promise.reject(new Error('nobody waits')); await sleep(5000); },
  circular: () => { const a = {}; a.a = a; return a; },
  sleep: async (event) => { await sleep(event.ms); return { pid: process.pid }; },
  spin: () => { for (;;); },
  memory: () => { const all = []; for (;;) all.push(new Array(100000).fill(all.length)); },
  large: (event) => 'x'.repeat(event.size),
};
exports.handler = async (event, context) => cases[event.case](event, context);
`;

let directory: string;
let runner: LambdaRunner;
let invoke: (args: Record<string, unknown>, signal: AbortSignal) => Promise<unknown>;

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:fn';
const deployed = (overrides: Partial<LambdaFunction> = {}): LambdaFunction => ({
  functionName: 'fn',
  functionArn: ARN,
  codeDir: directory,
  handler: 'index.handler',
  environment: { TABLE: 'orders', AWS_ACCESS_KEY_ID: 'mine' },
  timeoutSeconds: 20,
  memoryMb: 128,
  ...overrides,
});
const never = new AbortController().signal;
const call = async <T = unknown>(payload: object, signal = never): Promise<T> =>
  ((await invoke({ FunctionName: ARN, Payload: payload }, signal)) as { Payload: T }).Payload;
const failure = (payload: object, functionName = ARN): Promise<TaskError & { cause: string }> =>
  invoke({ FunctionName: functionName, Payload: payload }, never).then(
    (value) => {
      throw new Error(`expected an error, got ${JSON.stringify(value)}`);
    },
    (error) => error,
  );
const running = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A process that ended and was not collected yet answers, too.
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 200) throw new Error('the condition did not come true in 10 seconds');
    await sleep(50);
  }
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lambda-'));
  writeFileSync(join(directory, 'index.js'), HANDLER);
  runner = new LambdaRunner({
    endpoint: 'http://127.0.0.1:1',
    region: 'eu-west-1',
    account: '111122223333',
    logDir: join(directory, 'logs'),
    maxConcurrency: 2,
  });
  runner.register(deployed());
  invoke = lambdaIntegration(runner);
});

afterAll(async () => {
  await runner.close();
  rmSync(directory, { recursive: true });
});

describe('an invocation', () => {
  test('answers as the lambda:invoke integration does', async () => {
    expect(await invoke({ FunctionName: ARN, Payload: { case: 'echo', text: 'é "\u2028" 日本' } }, never)).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { case: 'echo', text: 'é "\u2028" 日本' },
      StatusCode: 200,
    });
    expect(await call({ case: 'nothing' })).toBeNull();
  });

  test('finds the function by name, by ARN and by the ARN of its latest version', async () => {
    for (const name of ['fn', ARN, `${ARN}:$LATEST`]) {
      expect(await runner.invoke(name, { case: 'nothing' })).toEqual({ statusCode: 200, payload: null });
    }
  });

  test('reuses the process of an earlier one', async () => {
    const first = await call<{ pid: number; calls: number }>({ case: 'count' });
    expect(await call({ case: 'count' })).toEqual({ pid: first.pid, calls: first.calls + 1 });
  });

  test('at the same time as another runs in a process of its own, within the limit', async () => {
    const pids = await Promise.all(Array.from({ length: 5 }, () => call<{ pid: number }>({ case: 'sleep', ms: 100 })));
    expect(new Set(pids.map(({ pid }) => pid)).size).toBe(2);
  });

  test('sees its own variables, the endpoint and dummy credentials, and nothing of this process', async () => {
    process.env.SECRET_OF_THE_PARENT = 'hidden';
    const other = new LambdaRunner({ endpoint: 'http://127.0.0.1:1', region: 'eu-west-1', account: '111122223333' });
    other.register(deployed());
    const { payload } = await other.invoke('fn', { case: 'environment' });
    await other.close();
    delete process.env.SECRET_OF_THE_PARENT;
    const { env, argv, execArgv, cwd } = payload as { env: Record<string, string>; argv: string[]; execArgv: string[]; cwd: string };
    expect(env).toEqual({
      TABLE: 'orders',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_LAMBDA_FUNCTION_NAME: 'fn',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      LAMBDA_TASK_ROOT: directory,
      _HANDLER: 'index.handler',
      TZ: ':UTC',
    });
    expect(argv).toEqual([process.execPath]);
    expect(execArgv).toEqual(['--max-old-space-size=128']);
    expect(cwd).toBe(directory);
  });

  test('gets a context with its request and the time that is left', async () => {
    const context = await call<Record<string, unknown>>({ case: 'context' });
    expect(context).toMatchObject({ functionName: 'fn', functionVersion: '$LATEST', invokedFunctionArn: ARN, memoryLimitInMB: '128' });
    expect(context.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(context.remaining).toBeGreaterThan(15_000);
    expect(context.remaining).toBeLessThanOrEqual(20_000);
  });

  test('writes its console output to the log of the function', async () => {
    await call({ case: 'log' });
    await until(() => readFileSync(join(directory, 'logs', 'fn.log'), 'utf8').includes('a line of the log\n'));
  });
});

describe('an error', () => {
  test('thrown by the handler is named by its name, with message and trace as the cause, and the process stays', async () => {
    const { pid } = await call<{ pid: number }>({ case: 'count' });
    const error = await failure({ case: 'fail' });
    expect(error).toBeInstanceOf(TaskError);
    expect(error.error).toBe('SourceNotFound');
    const cause = JSON.parse(error.cause);
    expect(Object.keys(cause)).toEqual(['errorType', 'errorMessage', 'trace']);
    expect(cause).toMatchObject({ errorType: 'SourceNotFound', errorMessage: 'no such table' });
    expect(cause.trace[0]).toBe('SourceNotFound: no such table');
    expect(cause.trace[1]).toContain('/var/task/index.js');
    expect(error.cause).not.toContain(directory);
    expect(await call<{ pid: number }>({ case: 'count' })).toMatchObject({ pid });
  });

  test('thrown as text keeps its text', async () => {
    const error = await failure({ case: 'failWithText' });
    expect(JSON.parse(error.cause)).toEqual({ errorType: 'string', errorMessage: 'just text', trace: [] });
  });

  test.each([
    ['exit', 'Runtime.ExitError', /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3$/],
    ['exitZero', 'Runtime.ExitError', /Runtime exited without providing a reason$/],
    ['crashLater', 'RangeError', /^later$/],
    ['rejectLater', 'Runtime.UnhandledPromiseRejection', /^nobody waits$/],
    ['circular', 'Runtime.MarshalError', /^Unable to stringify response body$/],
    ['memory', 'Runtime.ExitError', /Runtime exited with error: signal: SIGABRT$/],
  ])('of kind %s is told as %s, and the next invocation works', async (kind, name, message) => {
    const error = await failure({ case: kind });
    expect(error.error).toBe(name);
    expect(JSON.parse(error.cause).errorMessage).toMatch(message);
    await call({ case: 'nothing' });
  });

  test('is raised for an answer above six megabytes, and not for one below', async () => {
    const limit = 6_291_556;
    expect(await call<string>({ case: 'large', size: limit - 2 })).toHaveLength(limit - 2);
    expect((await failure({ case: 'large', size: limit - 1 })).error).toBe('Function.ResponseSizeTooLarge');
  });

  test('of the timeout ends the process, however busy, and does not touch its successor', async () => {
    runner.register(deployed({ functionName: 'short', functionArn: `${ARN}-short`, timeoutSeconds: 0.4 }));
    const { pid } = await runner.invoke('short', { case: 'count' }).then(({ payload }) => payload as { pid: number });
    const error = await failure({ case: 'spin' }, 'short');
    expect(error.error).toBe('Sandbox.Timedout');
    expect(JSON.parse(error.cause).errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Task timed out after 0\.40 seconds$/);
    // At once, so that the end of the killed process comes while its successor works.
    const next = await Promise.all([1, 2].map(() => runner.invoke('short', { case: 'sleep', ms: 200 })));
    expect(next.map(({ functionError }) => functionError)).toEqual([undefined, undefined]);
    await until(() => !running(pid));
  });

  test.each([
    ['missing.handler', 'Runtime.ImportModuleError'],
    ['index.nothing', 'Runtime.HandlerNotFound'],
    ['index', 'Runtime.MalformedHandlerName'],
  ])('of the handler name %s is %s', async (handler, name) => {
    runner.register(deployed({ functionName: 'misnamed', functionArn: `${ARN}-misnamed`, handler }));
    expect((await failure({}, 'misnamed')).error).toBe(name);
  });

  test('names a function that does not exist and a field that is not emulated', async () => {
    expect(await failure({}, 'nobody')).toMatchObject({ error: 'Lambda.ResourceNotFoundException', cause: 'Function not found: nobody' });
    await expect(invoke({ FunctionName: ARN, InvocationType: 'Event' }, never)).rejects.toMatchObject({ error: 'States.Runtime' });
  });
});

describe('processes end', () => {
  test('when their invocation is aborted, which rejects with the reason and frees its place', async () => {
    const { pid } = await call<{ pid: number }>({ case: 'sleep', ms: 0 });
    const reason = new Error('a sibling failed');
    const calls = [1, 2, 3].map(() => call({ case: 'sleep', ms: 60_000 }, AbortSignal.any([AbortSignal.timeout(200)])).catch((error) => error));
    expect((await Promise.all(calls)).map((error) => (error as Error).name)).toEqual(['TimeoutError', 'TimeoutError', 'TimeoutError']);
    await expect(call({ case: 'nothing' }, AbortSignal.abort(reason))).rejects.toBe(reason);
    await until(() => !running(pid));
    await call({ case: 'nothing' });
  });

  test('when the runner is closed, busy ones too', async () => {
    const other = new LambdaRunner({ endpoint: 'http://127.0.0.1:1', region: 'eu-west-1', account: '111122223333' });
    other.register(deployed());
    const idle = (await other.invoke('fn', { case: 'count' })).payload as { pid: number };
    const busy = other.invoke('fn', { case: 'spin' });
    await sleep(100);
    await other.close();
    expect(await busy).toMatchObject({ functionError: 'Unhandled' });
    expect(running(idle.pid)).toBe(false);
    await expect(other.invoke('fn', { case: 'count' })).rejects.toThrow("function 'fn' was invoked after its runner was closed");
  });

  test('when this process is killed, even in an endless loop', async () => {
    const script = join(directory, 'parent.cjs');
    buildSync({
      entryPoints: [join(__dirname, '../../lib/local/lambda.ts')],
      bundle: true,
      platform: 'node',
      external: ['jsonata'],
      outfile: join(directory, 'runner.cjs'),
    });
    writeFileSync(
      script,
      `const { LambdaRunner } = require('./runner.cjs');
      const runner = new LambdaRunner({ endpoint: 'http://127.0.0.1:1', region: 'eu-west-1', account: '1', maxConcurrency: 1 });
      runner.register({ functionName: 'fn', functionArn: 'arn', codeDir: __dirname, handler: 'index.handler', environment: {}, timeoutSeconds: 60, memoryMb: 128 });
      runner.invoke('fn', { case: 'count' }).then(({ payload }) => { console.log(payload.pid); runner.invoke('fn', { case: 'spin' }); });`,
    );
    const parent = spawn(process.execPath, [script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { NODE_PATH: join(__dirname, '../../node_modules') },
    });
    const pid = Number(await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve)));
    await sleep(300);
    expect(running(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !running(pid));
  });
});
