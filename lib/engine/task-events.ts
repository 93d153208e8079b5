import { ErrorName, type StateFailure } from './errors';
import type { Frame } from './frame';
import type { TaskResource } from './task-resource';

/** What a task was scheduled with. */
export interface Schedule {
  /** The arguments as JSON text. */
  readonly json: string;
  readonly credentials?: unknown;
  readonly timeout?: number;
  readonly heartbeat?: number;
}

const TIMEOUTS: readonly (string | undefined)[] = [ErrorName.TIMEOUT, ErrorName.HEARTBEAT_TIMEOUT];
const COMPLETE = { truncated: false };

/** Tells the history what becomes of a task: Lambda functions called by their ARN have event types of their own. */
export class TaskEvents {
  private readonly prefix: string;
  private readonly detailsPrefix: string;
  /** Details that every event of a service integration carries. */
  private readonly common: Record<string, unknown>;
  /** Whether TaskSubmitted is still to be told. */
  private unsubmitted: boolean;

  constructor(
    private readonly frame: Frame,
    private readonly arn: string,
    private readonly resource: TaskResource,
  ) {
    this.prefix = resource.kind === 'lambda' ? 'LambdaFunction' : 'Task';
    this.detailsPrefix = resource.kind === 'lambda' ? 'lambdaFunction' : 'task';
    this.common = resource.kind === 'lambda' ? {} : { resourceType: resource.type, resource: resource.action };
    this.unsubmitted = resource.kind === 'service' && resource.pattern !== 'request';
  }

  scheduled({ json, credentials, timeout, heartbeat }: Schedule): void {
    const { resource, frame } = this;
    this.record('Scheduled', {
      ...(resource.kind === 'lambda'
        ? { resource: this.arn, input: json, inputDetails: COMPLETE }
        : { ...this.common, region: frame.run.region, parameters: json }),
      ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
      ...(heartbeat === undefined || resource.kind === 'lambda' ? {} : { heartbeatInSeconds: heartbeat }),
      ...(credentials === undefined ? {} : { taskCredentials: { roleArn: (credentials as { RoleArn?: unknown }).RoleArn } }),
    });
    this.record('Started', resource.kind === 'lambda' ? undefined : this.common);
  }

  /** The service took the request. Told once, before whatever ends the task. */
  submitted(answer?: unknown): void {
    if (!this.unsubmitted) return;
    this.unsubmitted = false;
    this.record('Submitted', { ...this.common, ...(answer === undefined ? {} : { output: JSON.stringify(answer), outputDetails: COMPLETE }) });
  }

  succeeded(json: string): void {
    this.submitted();
    this.record('Succeeded', { ...this.common, output: json, outputDetails: COMPLETE });
  }

  failed({ error, cause, refusal }: StateFailure): void {
    const details = { ...this.common, error, ...(cause === undefined ? {} : { cause }) };
    const refused = this.unsubmitted ? refusal : undefined;
    if (refused === undefined) this.submitted();
    this.record(refused ?? (TIMEOUTS.includes(error) ? 'TimedOut' : 'Failed'), details);
  }

  private record(what: string, details?: Record<string, unknown>): void {
    this.frame.record(`${this.prefix}${what}`, details && { [`${this.detailsPrefix}${what}EventDetails`]: details });
  }
}
