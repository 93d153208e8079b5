import { setTimeout } from 'node:timers/promises';
import type { DescribeExecutionCommandOutput, SFNClient } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../../engine';
import type { DeployedMachine } from '../../template/machines';

/** How an execution stands, in words of {@link HistoryEvent}: times are epoch milliseconds, input and output are values. */
export interface ExecutionDescription {
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly startDate: number;
  readonly stopDate?: number;
}

/** How often to look for news: soon after some, less and less while there is none. */
export interface Pace {
  readonly shortestMs: number;
  readonly longestMs: number;
}

const LOCAL_PACE: Pace = { shortestMs: 10, longestMs: 200 };
/** GetExecutionHistory has a bucket of its own per account, which others may need, too. */
const AWS_PACE: Pace = { shortestMs: 1000, longestMs: 10_000 };
const ENDED = /^Execution(Succeeded|Failed|TimedOut|Aborted)$/;

type Sdk = typeof import('@aws-sdk/client-sfn');

/** Step Functions as those use it who start and follow executions. */
export class StatesClient {
  /** A client of a local endpoint. */
  static async local(endpoint: string, region: string): Promise<StatesClient> {
    const sdk = await loadSdk();
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    return new StatesClient(sdk, new sdk.SFNClient({ endpoint, region, credentials }), LOCAL_PACE);
  }

  /** A client of AWS, with the credentials, and unless a region is given the region, that the SDK finds for this process. */
  static async aws(region?: string): Promise<StatesClient> {
    const sdk = await loadSdk();
    return new StatesClient(sdk, new sdk.SFNClient({ region }), AWS_PACE);
  }

  private constructor(
    private readonly sdk: Sdk,
    private readonly client: SFNClient,
    private readonly pace: Pace,
  ) {}

  /** Makes a state machine, or makes it what it has become. */
  async deploy({ name, arn, account, definition }: DeployedMachine): Promise<void> {
    const { CreateStateMachineCommand, StateMachineAlreadyExists, UpdateStateMachineCommand } = this.sdk;
    const machine = { definition: JSON.stringify(definition), roleArn: `arn:aws:iam::${account}:role/${name}` };
    try {
      await this.client.send(new CreateStateMachineCommand({ name, ...machine }));
    } catch (error) {
      if (!(error instanceof StateMachineAlreadyExists)) throw error;
      await this.client.send(new UpdateStateMachineCommand({ stateMachineArn: arn, ...machine }));
    }
  }

  /** Starts an execution and answers its ARN. */
  async start(stateMachineArn: string, name: string, input: unknown): Promise<string> {
    const command = new this.sdk.StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    return (await this.client.send(command)).executionArn!;
  }

  async stop(executionArn: string): Promise<void> {
    await this.client.send(new this.sdk.StopExecutionCommand({ executionArn }));
  }

  async describe(executionArn: string): Promise<ExecutionDescription> {
    const answer: DescribeExecutionCommandOutput = await this.client.send(new this.sdk.DescribeExecutionCommand({ executionArn }));
    const { status, output, error, cause, startDate, stopDate } = answer;
    return {
      status: status as ExecutionDescription['status'],
      output: output === undefined ? undefined : JSON.parse(output),
      error,
      cause,
      startDate: startDate!.getTime(),
      stopDate: stopDate?.getTime(),
    };
  }

  /** Hands over every event of an execution, those that were first, until it has ended. */
  async follow(executionArn: string, onEvent: (event: HistoryEvent) => void): Promise<void> {
    const { shortestMs, longestMs } = this.pace;
    let last = 0;
    let pause = shortestMs;
    for (let ended = false; ; ) {
      const events = await this.eventsAfter(last, executionArn);
      for (const event of events) onEvent(event);
      const newest = events.at(-1);
      if (ENDED.test(newest?.type ?? '') || (ended && newest === undefined)) return;
      last = newest?.id ?? last;
      pause = newest === undefined ? Math.min(pause * 2, longestMs) : shortestMs;
      await setTimeout(pause);
      // A history that could not be written to its end has no event that tells of it.
      ended = newest === undefined && (await this.describe(executionArn)).status !== 'RUNNING';
    }
  }

  close(): void {
    this.client.destroy();
  }

  /** Read from the end, because only the end of a history is news. */
  private async eventsAfter(last: number, executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    const asked = { executionArn, reverseOrder: true };
    for await (const { events: some = [] } of this.sdk.paginateGetExecutionHistory({ client: this.client }, asked)) {
      for (const { id, previousEventId, type, timestamp, ...details } of some) {
        if (id! <= last) return events.reverse();
        events.push({ id: id!, previousEventId: previousEventId!, type: type!, timestamp: timestamp!.getTime(), ...details });
      }
    }
    return events.reverse();
  }
}

async function loadSdk(): Promise<Sdk> {
  // Which Node a later SDK will need is no concern of who reads what a run prints.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  try {
    return await import('@aws-sdk/client-sfn');
  } catch {
    throw new Error('a local run needs the package @aws-sdk/client-sfn; install it: npm i -D @aws-sdk/client-sfn');
  }
}
