import { randomUUID } from 'node:crypto';
import type { Clock } from '../../engine';
import { AwsError } from '../aws/error';
import { states } from './errors';
import type { Executor } from './executor';
import { checkArn, checkName, machineArn, type Place } from './names';
import { ARN, type Operation, operation, PAGE, seconds, UNLOGGED } from './operation';
import { page } from './page';
import type { MachineRecord, Store } from './store';

const DEFINITION = { type: 'string', min: 1, max: 1_048_576, data: true } as const;
const ROLE = { type: 'string', min: 1, max: 256 } as const;

/** The state machines of a store, and those on their way out of it. */
export class Machines {
  private readonly deleting = new Set<string>();

  constructor(
    private readonly place: Place,
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly check: (definition: string) => void,
    private readonly executor: Executor,
  ) {}

  /** The state machine with that ARN, for an operation that needs it to be there and to stay. */
  active(arn: string): MachineRecord {
    const machine = this.find(arn);
    if (this.deleting.has(arn)) throw states.machineDeleting(arn);
    return machine;
  }

  find(arn: string): MachineRecord {
    checkArn(arn, 'stateMachine');
    const machine = this.store.machines.get(arn);
    if (machine === undefined) throw states.machineDoesNotExist(arn);
    return machine;
  }

  operations(): Record<string, Operation> {
    const create = { name: { ...ARN, max: 80 }, definition: { ...DEFINITION, required: true }, roleArn: { ...ROLE, required: true } } as const;
    const type = { type: 'string', values: ['STANDARD', 'EXPRESS'] } as const;
    return {
      CreateStateMachine: operation('CreateStateMachine', { ...create, type }, (input) => this.create(input)),
      UpdateStateMachine: operation('UpdateStateMachine', { stateMachineArn: ARN, definition: DEFINITION, roleArn: ROLE }, (input) =>
        this.update(input),
      ),
      DescribeStateMachine: operation('DescribeStateMachine', { stateMachineArn: ARN }, ({ stateMachineArn }) => this.describe(stateMachineArn)),
      ListStateMachines: operation('ListStateMachines', PAGE, (input) => {
        const all = [...this.store.machines.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
        const { items, nextToken } = page(all, input, 'ListStateMachines', ({ stateMachineArn }) => stateMachineArn);
        return { stateMachines: items.map(listed), nextToken };
      }),
      DeleteStateMachine: operation('DeleteStateMachine', { stateMachineArn: ARN }, ({ stateMachineArn }) => this.delete(stateMachineArn)),
    };
  }

  private create(input: { name: string; definition: string; roleArn: string; type: string | undefined }): object {
    const { name, definition, roleArn, type = 'STANDARD' } = input;
    checkName(name);
    checkRole(roleArn);
    if (type !== 'STANDARD')
      throw new AwsError('StateMachineTypeNotSupported', `the local endpoint runs STANDARD state machines only, got '${type}'`);
    this.check(definition);
    const stateMachineArn = machineArn(this.place, name);
    const existing = this.store.machines.get(stateMachineArn);
    if (this.deleting.has(stateMachineArn)) throw states.machineDeleting(stateMachineArn);
    if (existing !== undefined && existing.definition !== definition) throw states.machineAlreadyExists(stateMachineArn);
    const machine = existing ?? { stateMachineArn, name, definition, roleArn, creationDate: this.clock.now() };
    if (existing === undefined) this.store.saveMachine(machine);
    return { stateMachineArn, creationDate: seconds(machine.creationDate) };
  }

  private update(input: { stateMachineArn: string; definition: string | undefined; roleArn: string | undefined }): object {
    const before = this.active(input.stateMachineArn);
    const { definition = before.definition, roleArn = before.roleArn } = input;
    if (input.definition === undefined && input.roleArn === undefined) {
      throw new AwsError('MissingRequiredParameter', 'Either the definition or the role ARN must be specified');
    }
    checkRole(roleArn);
    this.check(definition);
    const changed = definition !== before.definition || roleArn !== before.roleArn;
    const updateDate = this.clock.now();
    const machine = changed ? { ...before, definition, roleArn, updateDate, revisionId: randomUUID() } : before;
    if (changed) this.store.saveMachine(machine);
    return { updateDate: seconds(machine.updateDate ?? machine.creationDate), revisionId: machine.revisionId };
  }

  private describe(arn: string): object {
    const { definition, roleArn, revisionId, ...machine } = this.find(arn);
    return {
      ...listed(machine),
      status: this.deleting.has(arn) ? 'DELETING' : 'ACTIVE',
      definition,
      roleArn,
      revisionId,
      ...UNLOGGED,
    };
  }

  private delete(arn: string): object {
    checkArn(arn, 'stateMachine');
    const machine = this.store.machines.get(arn);
    if (machine === undefined || this.deleting.has(arn)) return {};
    this.deleting.add(arn);
    void this.executor.stopAll(arn).then(() => {
      this.store.removeMachine(machine);
      this.deleting.delete(arn);
    });
    return {};
  }
}

function checkRole(roleArn: string): void {
  if (!/^arn:[^:]+:iam::\d{12}:role\/./.test(roleArn)) throw states.invalidArn(`Invalid ARN: ${roleArn}`);
}

const listed = ({ stateMachineArn, name, creationDate }: Pick<MachineRecord, 'stateMachineArn' | 'name' | 'creationDate'>) => ({
  stateMachineArn,
  name,
  type: 'STANDARD',
  creationDate: seconds(creationDate),
});
