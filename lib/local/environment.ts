import { mkdirSync, rmSync } from 'node:fs';
import { integrationOf } from '../asl/steps';
import type { Clock, TaskHandler } from '../engine';
import { deliveries, statusChangeEvent } from '../events/status-event';
import { AwsError, type LocalAws, startAws } from './aws';
import { awsIntegrations } from './aws/integrations';
import { engineS3 } from './aws/s3/engine-s3';
import type { DeployedFunction, Deployment } from './deployment';
import { glueIntegration } from './glue';
import type { Interference } from './interference';
import { LambdaRunner, lambdaIntegration } from './lambda';
import { paths } from './paths';
import { notEmulatedIn } from './refusals';
import { holdClockForStatements } from './statements';
import { type ExecutionRecord, type LocalStates, type MachineRecord, startStates } from './states';
import { describeExecutionIntegration } from './states/integration';
import { openWarehouse, type Warehouse } from './warehouse';

/** Does what a state machine asks a service for, by the arguments of a direct integration. */
export type Integration = (args: Record<string, unknown>, signal: AbortSignal) => Promise<unknown>;

/** The database that every secret of the app leads to. */
export interface SourceConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The certificate to trust. */
  readonly caFile?: string;
}

/** What services start from. */
export interface EnvironmentOptions {
  /** Its state machines are known, for their rules and topics, but not deployed: that is for a client to do. */
  readonly deployment: Deployment;
  /** The folder that holds everything. One process at a time. */
  readonly out: string;
  readonly clock: Clock;
  /** Where jitter comes from. @default Math.random */
  readonly random?: () => number;
  /** The database that the app's secrets lead to. */
  readonly source?: SourceConnection;
  /** Of the endpoint. @default - any that is free */
  readonly port?: number;
  /** Puts something between the tasks of state machines and their services. */
  readonly around?: (tasks: TaskHandler) => TaskHandler;
  /** @default - nothing interferes */
  readonly interference?: Interference;
  /** Hears what event rules send. */
  readonly onDelivery?: (message: string) => void;
}

/** Running services. */
export interface LocalEnvironment {
  /** `http://127.0.0.1:<port>`, where all of them are reached. */
  readonly url: string;
  readonly region: string;
  readonly states: LocalStates;
  readonly warehouse: Warehouse;
  close(): Promise<void>;
}

/**
 * Starts what the deployment needs on the folder `out`: an AWS endpoint with its buckets, tables and topics, the functions, the jobs, the
 * warehouse, and Step Functions in front of them.
 */
export async function openEnvironment(options: EnvironmentOptions): Promise<LocalEnvironment> {
  const { deployment, out, clock, random, source, port, around = (tasks) => tasks, interference = {} } = options;
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  try {
    const { region, account } = deployment.machines[0] ?? NOWHERE;
    const aws = await startAws({
      root: out,
      region,
      port,
      topics: topicsOf(deployment),
      secrets: secretsOf(deployment, source),
      around: interference.service,
    });
    opened.push(aws);
    for (const bucket of deployment.buckets) aws.s3.createBucket(bucket);
    for (const table of deployment.tables) await createTable(aws, table);
    const lambda = new LambdaRunner({ endpoint: aws.url, region, account, logDir: paths(out).logs });
    opened.push(lambda);
    for (const deployed of deployment.functions) register(lambda, deployed, source);
    const resolveS3 = (url: string) => {
      const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
      return aws.s3.path(bucket, key);
    };
    const warehouse = await openWarehouse({ file: paths(out).warehouse, resolveS3, clock });
    opened.push(warehouse);
    const workDirectory = emptied(paths(out).jobs);
    const jobs = new Map(deployment.jobs.map((job) => [job.name, { scriptPath: job.scriptPath ?? '', defaultArguments: job.defaultArguments }]));
    let states: LocalStates;
    const integrations: Readonly<Record<string, Integration>> = {
      ...awsIntegrations(aws),
      ...holdClockForStatements(warehouse.integrations(), clock),
      'aws-sdk:sfn:describeExecution': describeExecutionIntegration(() => states, out),
      'lambda:invoke': lambdaIntegration(lambda),
      'glue:startJobRun.sync': glueIntegration({ resolveS3, workDirectory, jobs, now: () => clock.now() }),
    };
    const services: TaskHandler = ({ resource, arguments: args, signal }) =>
      integrations[integrationOf(resource)]!(args as Record<string, unknown>, signal);
    const tasks = around(interference.tasks?.(services) ?? services);
    const refusals = notEmulatedIn(Object.keys(integrations));
    states = startStates({
      root: out,
      tasks,
      s3: engineS3(aws.s3),
      clock,
      random,
      refusals,
      region,
      account,
      onEvent: interference.onEvent,
      onStatusChange: ruleListener(options, aws),
    });
    opened.push(states);
    aws.mount('states', states.service);
    return { url: aws.url, region, states, warehouse, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A folder without what a killed process left in it. On the file system of the objects, so that a file becomes one in one step. */
function emptied(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Where an app without a state machine lies. */
const NOWHERE = { region: 'us-east-1', account: '000000000000' };

/** Lets the rules of the app see how executions stand, and publishes what they send. */
function ruleListener({ deployment, onDelivery = () => {} }: EnvironmentOptions, aws: LocalAws) {
  return async ({ stateMachineArn: arn }: MachineRecord, execution: ExecutionRecord): Promise<void> => {
    const [, , , region = '', account = ''] = arn.split(':');
    const output = execution.output === undefined ? undefined : JSON.parse(execution.output);
    const event = statusChangeEvent({ arn, region, account }, execution.name, JSON.parse(execution.input), { ...execution, output });
    for (const { arn: topicArn, message } of deliveries(deployment.rules, event)) {
      await aws.topics.publish({ topicArn, message });
      onDelivery(message);
    }
  };
}

/** Topics of the app and those it only refers to. */
function topicsOf({ topics, machines, rules }: Deployment): Set<string> {
  const referred = JSON.stringify([machines, rules]).match(/arn:[\w-]+:sns:[\w-]+:\d+:[\w-]+/g) ?? [];
  return new Set([...topics, ...referred]);
}

function secretsOf({ secrets }: Deployment, source: SourceConnection | undefined): Record<string, object> {
  if (!source) return {};
  const { host, port, user, password, database } = source;
  return Object.fromEntries(secrets.map((secret) => [secret, { engine: 'postgres', host, port, username: user, password, dbname: database }]));
}

async function createTable(aws: LocalAws, table: Deployment['tables'][number]): Promise<void> {
  try {
    await aws.dynamodb('CreateTable', {
      TableName: table.name,
      KeySchema: table.keySchema,
      AttributeDefinitions: table.attributeDefinitions.filter(({ AttributeName }) =>
        table.keySchema.some((key) => key.AttributeName === AttributeName),
      ),
      BillingMode: 'PAY_PER_REQUEST',
    });
  } catch (error) {
    // The table of an earlier run on the same folder.
    if (!(error instanceof AwsError && error.code === 'ResourceInUseException')) throw error;
  }
}

/** A function that reads a database's secret gets the local database in place of the one its environment names. */
function register(lambda: LambdaRunner, deployed: DeployedFunction, source: SourceConnection | undefined): void {
  if (deployed.codeDir === undefined || !deployed.runtime.startsWith('nodejs')) return;
  const place =
    source && deployed.environment.SECRET_ARN !== undefined
      ? {
          DATABASE_HOST: source.host,
          DATABASE_PORT: String(source.port),
          DATABASE_NAME: source.database,
          ...(source.caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: source.caFile }),
        }
      : {};
  lambda.register({
    functionName: deployed.name,
    functionArn: deployed.arn,
    codeDir: deployed.codeDir,
    handler: deployed.handler,
    environment: { ...deployed.environment, ...place },
    timeoutSeconds: deployed.timeoutSeconds,
    memoryMb: deployed.memoryMb,
  });
}
