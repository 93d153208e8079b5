import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Execution, HistoryEvent } from '../../engine';

/** A state machine. Times are epoch milliseconds. */
export interface MachineRecord {
  readonly stateMachineArn: string;
  readonly name: string;
  /** As it was sent. */
  readonly definition: string;
  readonly roleArn: string;
  readonly creationDate: number;
  readonly updateDate?: number;
  readonly revisionId?: string;
}

/** An execution. Input and output are JSON text; times are epoch milliseconds. */
export interface ExecutionRecord {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: Execution['status'] | 'RUNNING';
  readonly startDate: number;
  readonly stopDate?: number;
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  /** The state machine as it was when the execution started. */
  readonly machine: MachineRecord;
  /** How often it was redriven, when last, and with which token. @default - never */
  readonly redrives?: { readonly count: number; readonly date: number; readonly clientToken?: string };
}

/** What the runs of a local run's folder left. */
export function openStore(out: string): Store {
  return new Store(join(out, 'states'));
}

/** State machines and executions on a folder: a file for each, and one with an event a line for each history. */
export class Store {
  /** By ARN. */
  readonly machines = new Map<string, MachineRecord>();
  /** By ARN, in the order they started. */
  readonly executions = new Map<string, ExecutionRecord>();

  constructor(readonly folder: string) {
    mkdirSync(this.machineFolder, { recursive: true });
    for (const machine of readAll<MachineRecord>(this.machineFolder)) this.machines.set(machine.stateMachineArn, machine);
    const executions = [...this.machines.values()].flatMap(({ name }) => readAll<ExecutionRecord>(this.executionFolder(name)));
    for (const execution of executions.sort((a, b) => a.startDate - b.startDate)) this.executions.set(execution.executionArn, execution);
  }

  saveMachine(machine: MachineRecord): void {
    write(join(this.machineFolder, `${machine.name}.json`), `${JSON.stringify(machine)}\n`);
    this.machines.set(machine.stateMachineArn, machine);
  }

  /** Removes a state machine with its executions. */
  removeMachine({ stateMachineArn, name }: MachineRecord): void {
    rmSync(this.executionFolder(name), { recursive: true, force: true });
    rmSync(join(this.machineFolder, `${name}.json`), { force: true });
    for (const execution of this.executionsOf(stateMachineArn)) this.executions.delete(execution.executionArn);
    this.machines.delete(stateMachineArn);
  }

  executionsOf(stateMachineArn: string): ExecutionRecord[] {
    return [...this.executions.values()].filter((execution) => execution.stateMachineArn === stateMachineArn);
  }

  saveExecution(execution: ExecutionRecord): void {
    mkdirSync(this.executionFolder(this.machineName(execution)), { recursive: true });
    write(this.fileOf(execution, 'json'), `${JSON.stringify(execution)}\n`);
    this.executions.set(execution.executionArn, execution);
  }

  appendEvent(execution: ExecutionRecord, event: HistoryEvent): void {
    appendFileSync(this.fileOf(execution, 'jsonl'), line(event));
  }

  replaceEvents(execution: ExecutionRecord, events: readonly HistoryEvent[]): void {
    write(this.fileOf(execution, 'jsonl'), events.map(line).join(''));
  }

  /** The history as far as it is written. A process that was killed may have left half a line. */
  readEvents(execution: ExecutionRecord): HistoryEvent[] {
    const file = this.fileOf(execution, 'jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.slice(0, -1).map((text) => JSON.parse(text) as HistoryEvent);
  }

  private get machineFolder(): string {
    return join(this.folder, 'machines');
  }

  /** A name may be `..`, but has no `~`. */
  private executionFolder(machine: string): string {
    return join(this.folder, 'executions', `${machine}~`);
  }

  private fileOf(execution: ExecutionRecord, extension: string): string {
    return join(this.executionFolder(this.machineName(execution)), `${execution.name}.${extension}`);
  }

  private machineName({ stateMachineArn }: ExecutionRecord): string {
    return stateMachineArn.split(':').at(-1)!;
  }
}

function readAll<T>(folder: string): T[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T);
}

const line = (event: HistoryEvent): string => `${JSON.stringify(event)}\n`;

/** Whole or not at all. */
function write(file: string, content: string): void {
  writeFileSync(`${file}.tmp`, content);
  renameSync(`${file}.tmp`, file);
}
