import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { BOOTSTRAP } from './lambda-bootstrap';

/** An error as Lambda's answer holds it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** How an invocation ended: the answer as JSON text, or the error. */
export type Outcome = { readonly payload: string } | { readonly error: FunctionError };

/** What a child process needs to run a function. */
export interface ChildOptions {
  readonly codeDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  /** Where console output goes. @default - nowhere */
  readonly logFile?: string;
}

type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly payload: string }
  | { readonly kind: 'error'; readonly error: FunctionError; readonly fatal?: true }
  | { readonly kind: 'exit'; readonly reason: string };

/** One execution environment: a process with the handler loaded, for one invocation at a time. */
export class LambdaChild {
  private readonly process: ChildProcess;
  /** Settles once the process has ended, however. */
  readonly ended: Promise<void>;
  private waiting: ((message: Message) => void) | undefined;
  private exit: string | undefined;
  private ending = false;
  private loading: Promise<Outcome> | undefined;

  constructor(options: ChildOptions) {
    const log = options.logFile === undefined ? ('ignore' as const) : openSync(options.logFile, 'a');
    this.process = spawn(process.execPath, [`--max-old-space-size=${options.memoryMb}`, '-e', BOOTSTRAP], {
      cwd: options.codeDir,
      env: { ...options.environment },
      stdio: ['ignore', log, log, 'ipc'],
      serialization: 'advanced',
    });
    if (typeof log === 'number') closeSync(log);
    this.process.on('message', (message: Message) => this.tell(message));
    this.ended = new Promise((resolve) => {
      const end = (reason: string): void => {
        this.exit ??= reason;
        this.tell({ kind: 'exit', reason: this.exit });
        resolve();
      };
      this.process.once('error', (error) => end(`Runtime could not start: ${error.message}`));
      this.process.once('close', (code, signal) => end(exitReason(code, signal)));
    });
  }

  /** False once the process has ended or was told to. */
  get alive(): boolean {
    return this.exit === undefined && !this.ending;
  }

  /** Waits until the handler is loaded, which happens once. */
  load(): Promise<Outcome> {
    this.loading ??= this.next().then(outcomeOf);
    return this.loading;
  }

  /** Hands one event to the loaded handler. */
  async invoke(event: string, context: Readonly<Record<string, string>>, deadline: number): Promise<Outcome> {
    const answered = this.next();
    // The end of the process, should it come first, is the answer.
    if (this.process.connected) this.process.send({ event, context, deadline }, () => {});
    return outcomeOf(await answered);
  }

  /** Ends the process at once, whatever it does. */
  kill(): void {
    this.ending = true;
    this.process.kill('SIGKILL');
  }

  private next(): Promise<Message> {
    if (this.exit !== undefined) return Promise.resolve({ kind: 'exit', reason: this.exit });
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  private tell(message: Message): void {
    if (message.kind === 'error' && message.fatal) this.ending = true;
    const waiting = this.waiting;
    this.waiting = undefined;
    waiting?.(message);
  }
}

function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `Runtime exited with error: signal: ${signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}

function outcomeOf(message: Message): Outcome {
  if (message.kind === 'result') return { payload: message.payload };
  if (message.kind === 'ready') return { payload: 'null' };
  return { error: message.kind === 'error' ? message.error : { errorType: 'Runtime.ExitError', errorMessage: message.reason } };
}
