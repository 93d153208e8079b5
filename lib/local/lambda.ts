import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { TaskError } from '../engine';
import { type ChildOptions, type FunctionError, LambdaChild, type Outcome } from './lambda-child';

/** A function as deployed. */
export interface LambdaFunction {
  readonly functionName: string;
  readonly functionArn: string;
  /** The folder of the bundle, as it lies in cdk.out. */
  readonly codeDir: string;
  /** `index.handler` */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

/** Where functions run. */
export interface LambdaRunnerOptions {
  /** The AWS endpoint that the functions talk to, by IP address. */
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  /** Console output goes to `<logDir>/<function>.log`. @default - nowhere */
  readonly logDir?: string;
  /** Processes of one function at a time; further invocations wait. @default - one for each processor, at least 2 */
  readonly maxConcurrency?: number;
}

/** What Lambda's Invoke answers. */
export interface InvokeResult {
  readonly statusCode: 200;
  /** What the handler returned or, with `functionError`, the {@link FunctionError}. */
  readonly payload: unknown;
  readonly functionError?: 'Unhandled';
}

const MAX_RESPONSE_BYTES = 6_291_556;
const MIN_START_SECONDS = 10;

/** Runs the bundles of Lambda functions as they are, each invocation in a process of its own that is kept for the next one. */
export class LambdaRunner {
  private readonly pools = new Map<string, Pool>();

  constructor(private readonly options: LambdaRunnerOptions) {
    if (options.logDir !== undefined) mkdirSync(options.logDir, { recursive: true });
  }

  /** Makes a function known by its name and its ARN. */
  register(deployed: LambdaFunction): void {
    const pool = new Pool(deployed, this.childOptions(deployed), this.options.maxConcurrency ?? Math.max(2, availableParallelism()));
    this.pools.set(deployed.functionName, pool);
    this.pools.set(deployed.functionArn, pool);
  }

  /** Invokes and waits for the answer. Rejects with a `TaskError` when there is no such function, with the signal's reason when aborted. */
  async invoke(nameOrArn: string, payload: unknown, signal?: AbortSignal): Promise<InvokeResult> {
    const pool = this.pools.get(nameOrArn) ?? this.pools.get(nameOrArn.replace(/:\$LATEST$/, ''));
    if (!pool) throw new TaskError('Lambda.ResourceNotFoundException', `Function not found: ${nameOrArn}`);
    return await pool.invoke(payload, signal);
  }

  /** Ends every process, running invocations included. */
  async close(): Promise<void> {
    await Promise.all([...new Set(this.pools.values())].map((pool) => pool.close()));
  }

  /** Only what the function would see in AWS: nothing of this process's environment, and dummy credentials. */
  private childOptions(deployed: LambdaFunction): ChildOptions {
    const { endpoint, region, logDir } = this.options;
    return {
      codeDir: deployed.codeDir,
      memoryMb: deployed.memoryMb,
      ...(logDir !== undefined && { logFile: join(logDir, `${deployed.functionName}.log`) }),
      environment: {
        ...deployed.environment,
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_LAMBDA_FUNCTION_NAME: deployed.functionName,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(deployed.memoryMb),
        LAMBDA_TASK_ROOT: deployed.codeDir,
        _HANDLER: deployed.handler,
        TZ: ':UTC',
      },
    };
  }
}

/** The processes of one function: idle ones are kept, and there are never more than the limit. */
class Pool {
  private readonly idle: LambdaChild[] = [];
  private readonly children = new Set<LambdaChild>();
  private readonly queue: (() => void)[] = [];
  private busy = 0;
  private closed = false;

  constructor(
    private readonly deployed: LambdaFunction,
    private readonly childOptions: ChildOptions,
    private readonly limit: number,
  ) {}

  async invoke(payload: unknown, signal?: AbortSignal): Promise<InvokeResult> {
    const event = JSON.stringify(payload ?? {});
    await this.slot(signal);
    try {
      return await this.run(event, signal);
    } finally {
      this.busy -= 1;
      this.queue.shift()?.();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const child of this.children) child.kill();
    await Promise.all([...this.children].map((child) => child.ended));
  }

  /** Waits for one of the places that the limit allows. */
  private async slot(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    while (this.busy >= this.limit) {
      await new Promise<void>((resolve, reject) => {
        const abort = (): void => {
          this.queue.splice(this.queue.indexOf(go), 1);
          reject(signal!.reason);
        };
        const go = (): void => {
          signal?.removeEventListener('abort', abort);
          resolve();
        };
        signal?.addEventListener('abort', abort, { once: true });
        this.queue.push(go);
      });
    }
    this.busy += 1;
  }

  private async run(event: string, signal?: AbortSignal): Promise<InvokeResult> {
    const child = this.takeIdle() ?? this.start();
    const kill = (): void => child.kill();
    signal?.addEventListener('abort', kill, { once: true });
    const requestId = randomUUID();
    const outcome = await this.outcome(child, event, requestId);
    signal?.removeEventListener('abort', kill);
    signal?.throwIfAborted();
    if (child.alive && !this.closed) this.idle.push(child);
    if ('error' in outcome) return failed(requestId, outcome.error);
    const bytes = Buffer.byteLength(outcome.payload);
    if (bytes <= MAX_RESPONSE_BYTES) return { statusCode: 200, payload: JSON.parse(outcome.payload) };
    const errorMessage = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
    return failed(requestId, { errorType: 'Function.ResponseSizeTooLarge', errorMessage });
  }

  /** As in Lambda, the function's timeout does not count the start of its environment. */
  private async outcome(child: LambdaChild, event: string, requestId: string): Promise<Outcome> {
    const { timeoutSeconds } = this.deployed;
    const started = await within(child, Math.max(timeoutSeconds, MIN_START_SECONDS), child.load());
    if ('error' in started) return started;
    return await within(child, timeoutSeconds, child.invoke(event, this.context(requestId), Date.now() + timeoutSeconds * 1000));
  }

  private takeIdle(): LambdaChild | undefined {
    for (let child = this.idle.pop(); child; child = this.idle.pop()) if (child.alive) return child;
    return undefined;
  }

  private start(): LambdaChild {
    if (this.closed) throw new Error(`function '${this.deployed.functionName}' was invoked after its runner was closed`);
    const child = new LambdaChild(this.childOptions);
    this.children.add(child);
    // By identity: the late end of a killed process says nothing about the one that took its place.
    void child.ended.then(() => this.children.delete(child));
    return child;
  }

  private context(requestId: string): Record<string, string> {
    const { functionName, functionArn, memoryMb } = this.deployed;
    return {
      awsRequestId: requestId,
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: functionArn,
      memoryLimitInMB: String(memoryMb),
      logGroupName: `/aws/lambda/${functionName}`,
      logStreamName: 'local',
    };
  }
}

/** The outcome or, when that takes too long, the end of the process and the error of a timeout. */
async function within(child: LambdaChild, seconds: number, outcome: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => {
      child.kill();
      resolve({ error: { errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${seconds.toFixed(2)} seconds` } });
    }, seconds * 1000);
  });
  try {
    return await Promise.race([outcome, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Errors of the sandbox, not of the handler, are told with the request they ended. */
function failed(requestId: string, error: FunctionError): InvokeResult {
  const ofSandbox = error.errorType === 'Sandbox.Timedout' || error.errorType === 'Runtime.ExitError';
  const prefix = error.errorType === 'Runtime.ExitError' ? 'Error: ' : '';
  const payload = ofSandbox ? { ...error, errorMessage: `RequestId: ${requestId} ${prefix}${error.errorMessage}` } : error;
  return { statusCode: 200, functionError: 'Unhandled', payload };
}

/** The `lambda:invoke` integration: an error of the function becomes the error of the state, named by its type. */
export function lambdaIntegration(runner: LambdaRunner): (args: Record<string, unknown>, signal: AbortSignal) => Promise<unknown> {
  return async (args, signal) => {
    const { FunctionName, Payload, ...rest } = args;
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw new TaskError('States.Runtime', `The field "${unknown}" is not emulated for lambda:invoke`);
    if (typeof FunctionName !== 'string') throw new TaskError('States.Runtime', 'The field "FunctionName" is required but was missing');
    const { payload, functionError } = await runner.invoke(FunctionName, Payload, signal);
    if (functionError) throw new TaskError((payload as FunctionError).errorType, JSON.stringify(payload));
    return { ExecutedVersion: '$LATEST', Payload: payload, StatusCode: 200 };
  };
}
