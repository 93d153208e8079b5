import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Size } from '../asl/cost';
import { type DeployedMachine, readMachine } from '../template/machines';
import { Template, type TemplateSource } from '../template/template';
import { UsageError } from './command';
import { sizesOf } from './sizes';

/** A state machine of an app. */
export interface AssemblyMachine extends Pick<DeployedMachine, 'stack' | 'logicalId' | 'definition'> {
  /** What its tasks run on, as far as the app makes it. */
  readonly sizes: Readonly<Record<string, Size>>;
}

interface Artifact {
  readonly type: string;
  readonly properties?: { readonly templateFile?: string; readonly stackName?: string; readonly directoryName?: string };
}

const PLACE = { account: '000000000000', region: 'us-east-1', partition: 'aws' };

/**
 * The state machines that `cdk synth` wrote, those of stages too.
 *
 * @param directory what it wrote, usually cdk.out
 * @param name a part of `Stack/LogicalId`; without it all are meant
 * @throws UsageError if there is none
 */
export function machinesOf(directory: string, name = ''): AssemblyMachine[] {
  const all = read(directory);
  const found = all.filter(({ stack, logicalId }) => `${stack}/${logicalId}`.includes(name));
  if (found.length > 0) return found;
  const names = all.map(({ stack, logicalId }) => `${stack}/${logicalId}`).join(', ') || 'none';
  throw new UsageError(
    name === '' ? `no state machine in '${directory}'` : `no state machine in '${directory}' matches '${name}'; there are: ${names}`,
  );
}

function read(directory: string): AssemblyMachine[] {
  const manifest = join(directory, 'manifest.json');
  if (!existsSync(manifest)) throw new UsageError(`no manifest.json in '${directory}'; run cdk synth, or name what it wrote by --app`);
  const { artifacts = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as { artifacts?: Readonly<Record<string, Artifact>> };
  return Object.entries(artifacts).flatMap(([id, { type, properties = {} }]) => {
    if (type === 'cdk:cloud-assembly') return read(join(directory, properties.directoryName!));
    return type === 'aws:cloudformation:stack' ? readStack(directory, properties.stackName ?? id, properties.templateFile!) : [];
  });
}

function readStack(directory: string, name: string, file: string): AssemblyMachine[] {
  const source = JSON.parse(readFileSync(join(directory, file), 'utf8')) as TemplateSource;
  const template = new Template(name, source, PLACE, 'invent');
  return template.resources('AWS::StepFunctions::StateMachine').map((resource) => {
    const { stack, logicalId, definition } = readMachine(resource, template, PLACE);
    return { stack, logicalId, definition, sizes: sizesOf(definition, template) };
  });
}
