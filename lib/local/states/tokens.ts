import { type Clock, TaskError, type TaskHandler, type TaskRequest } from '../../engine';
import { states } from './errors';

const CALLBACK = /\.waitForTaskToken$/;

/** A task that waits for whoever holds its token. */
interface Waiting {
  readonly succeed: (result: unknown) => void;
  readonly fail: (error: unknown) => void;
  readonly heartbeat: () => void;
}

/** The tokens of tasks that wait for SendTaskSuccess or SendTaskFailure. */
export class Tokens {
  private readonly waiting = new Map<string, Waiting>();
  private readonly closed = new Set<string>();

  constructor(private readonly clock: Clock) {}

  /** Gives a handler, which only hands out the work, the second half of a task with `.waitForTaskToken`: waiting for the answer. */
  waitingFor(handler: TaskHandler): TaskHandler {
    return (request) => (CALLBACK.test(request.resource) ? this.wait(request, handler) : handler(request));
  }

  succeed(token: string, output: string): void {
    const { succeed } = this.find(token);
    let result: unknown;
    try {
      result = JSON.parse(output);
    } catch {
      throw states.invalidOutput();
    }
    succeed(result);
  }

  fail(token: string, error = '', cause?: string): void {
    this.find(token).fail(new TaskError(error, cause));
  }

  heartbeat(token: string): void {
    this.find(token).heartbeat();
  }

  private find(token: string): Waiting {
    const waiting = this.waiting.get(token);
    if (waiting !== undefined) return waiting;
    throw this.closed.has(token) ? states.taskTimedOut() : states.invalidToken();
  }

  private async wait(request: TaskRequest, handler: TaskHandler): Promise<unknown> {
    const { Token: token } = request.context.Task as { Token: string };
    const answered = new AbortController();
    // Whoever is asked may answer before the asking is over.
    const answer = new Promise((succeed, fail) => {
      this.waiting.set(token, { succeed, fail, heartbeat: request.heartbeat });
      request.signal.addEventListener('abort', () => fail(request.signal.reason), { once: true });
    });
    const asked = handler({ ...request, resource: request.resource.replace(CALLBACK, '') });
    // Asleep without end, so that a virtual clock goes on meanwhile.
    const idle = asked.then(() => this.clock.sleep(Infinity, answered.signal));
    try {
      return await Promise.race([answer, idle]);
    } finally {
      this.waiting.delete(token);
      this.closed.add(token);
      answered.abort();
    }
  }
}
