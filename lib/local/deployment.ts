import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type DeployedMachine, readMachine } from '../template/machines';
import type { Environment } from '../template/physical';
import { type DeployedRule, readRule } from '../template/rules';
import { type Resource, Template, type TemplateSource } from '../template/template';
import { type Assets, readAssets } from './assets';

export type { DeployedMachine } from '../template/machines';
export type { DeployedRule } from '../template/rules';

/** A Lambda function as deployed. */
export interface DeployedFunction {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly runtime: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** The directory with its code; undefined for code that is not a directory asset, such as inline code or an image. */
  readonly codeDir?: string;
}

/** A Glue job as deployed. */
export interface DeployedJob {
  readonly logicalId: string;
  readonly name: string;
  /** The script's file; undefined when it is not an asset of the app. */
  readonly scriptPath?: string;
  readonly defaultArguments: Readonly<Record<string, string>>;
}

/** A DynamoDB table as deployed, as far as CreateTable needs it. */
export interface DeployedTable {
  readonly name: string;
  readonly keySchema: readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];
  readonly attributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: 'S' | 'N' | 'B' }[];
}

/** What a deployment of a synthesized app would have made, as far as a local run needs it. */
export interface Deployment {
  readonly machines: readonly DeployedMachine[];
  readonly functions: readonly DeployedFunction[];
  readonly jobs: readonly DeployedJob[];
  /** ARNs. */
  readonly topics: readonly string[];
  /** Names. */
  readonly buckets: readonly string[];
  readonly tables: readonly DeployedTable[];
  readonly rules: readonly DeployedRule[];
  /** ARNs of the secrets that the app makes or that a function's environment names. */
  readonly secrets: readonly string[];
}

interface AssemblyManifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: { readonly templateFile?: string; readonly file?: string; readonly stackName?: string };
}

type Properties = Readonly<Record<string, unknown>>;

/** Reads a directory that `cdk synth` wrote. Nothing but that output is looked at. */
export function readDeployment(cdkOut: string): Deployment {
  const directory = resolve(cdkOut);
  const manifestFile = join(directory, 'manifest.json');
  if (!existsSync(manifestFile)) throw new Error(`no manifest.json in '${cdkOut}'; give the directory that 'cdk synth' wrote, usually cdk.out`);
  const { artifacts = {} } = JSON.parse(readFileSync(manifestFile, 'utf8')) as AssemblyManifest;
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  if (stacks.length === 0) throw new Error(`no stack in '${cdkOut}'; synthesize an app that has one`);
  const parts = stacks.map(([id, stack]) => readStack(directory, id, stack, artifacts));
  return {
    machines: parts.flatMap((part) => part.machines),
    functions: parts.flatMap((part) => part.functions),
    jobs: parts.flatMap((part) => part.jobs),
    topics: parts.flatMap((part) => part.topics),
    buckets: parts.flatMap((part) => part.buckets),
    tables: parts.flatMap((part) => part.tables),
    rules: parts.flatMap((part) => part.rules),
    secrets: [...new Set(parts.flatMap((part) => part.secrets))],
  };
}

function readStack(directory: string, id: string, artifact: Artifact, artifacts: Readonly<Record<string, Artifact>>): Deployment {
  const environment = environmentOf(artifact);
  const name = artifact.properties?.stackName ?? id;
  const source = JSON.parse(readFileSync(join(directory, artifact.properties!.templateFile!), 'utf8')) as TemplateSource;
  const template = new Template(name, source, environment);
  const assets: Assets = new Map(
    (artifact.dependencies ?? [])
      .map((dependency) => artifacts[dependency])
      .filter((dependency) => dependency?.type === 'cdk:asset-manifest')
      .flatMap((dependency) => [...readAssets(directory, dependency!.properties!.file!, environment)]),
  );
  const functions = template.resources('AWS::Lambda::Function').map((resource) => readFunction(resource, template, assets));
  return {
    machines: template.resources('AWS::StepFunctions::StateMachine').map((resource) => readMachine(resource, template, environment)),
    functions,
    jobs: template.resources('AWS::Glue::Job').map((resource) => readJob(resource, assets)),
    topics: template.resources('AWS::SNS::Topic').map(({ ref }) => ref),
    buckets: template.resources('AWS::S3::Bucket').map(({ ref }) => ref),
    tables: ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'].flatMap((type) => template.resources(type)).map(readTable),
    rules: template.resources('AWS::Events::Rule').flatMap(readRule),
    secrets: [
      ...template.resources('AWS::SecretsManager::Secret').map(({ ref }) => ref),
      ...functions.flatMap(({ environment }) => Object.values(environment).filter((value) => /^arn:[^:]+:secretsmanager:/.test(value))),
    ],
  };
}

/** `aws://account/region`; a stack without a fixed place goes to a made-up account. */
function environmentOf({ environment = '' }: Artifact): Environment {
  const [, account = '', region = ''] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment) ?? [];
  return {
    account: /^\d{12}$/.test(account) ? account : '000000000000',
    region: region === '' || region === 'unknown-region' ? 'us-east-1' : region,
    partition: 'aws',
  };
}

function readFunction({ logicalId, ref, properties }: Resource, template: Template, assets: Assets): DeployedFunction {
  const code = properties.Code as { S3Bucket?: string; S3Key?: string };
  const codeDir = assets.get(`${code.S3Bucket}/${code.S3Key}`);
  return {
    logicalId,
    name: ref,
    arn: template.attributeOf(logicalId, 'Arn'),
    runtime: String(properties.Runtime ?? 'image'),
    handler: String(properties.Handler ?? ''),
    environment: ((properties.Environment as Properties | undefined)?.Variables ?? {}) as Record<string, string>,
    timeoutSeconds: Number(properties.Timeout ?? 3),
    memoryMb: Number(properties.MemorySize ?? 128),
    codeDir: codeDir !== undefined && statSync(codeDir).isDirectory() ? codeDir : undefined,
  };
}

function readJob({ logicalId, ref, properties }: Resource, assets: Assets): DeployedJob {
  const { ScriptLocation: location = '' } = properties.Command as { ScriptLocation?: string };
  return {
    logicalId,
    name: ref,
    scriptPath: assets.get(location.replace(/^s3:\/\//, '')),
    defaultArguments: (properties.DefaultArguments ?? {}) as Record<string, string>,
  };
}

function readTable({ ref, properties }: Resource): DeployedTable {
  return {
    name: ref,
    keySchema: properties.KeySchema as DeployedTable['keySchema'],
    attributeDefinitions: properties.AttributeDefinitions as DeployedTable['attributeDefinitions'],
  };
}
