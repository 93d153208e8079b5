import { TaskError } from '../../engine';
import { causeOf, type Integration, integration } from '../aws/integration';
import type { LocalStates } from '.';

/** Asks how an execution stands, as a state machine does by the SDK integration: fields in PascalCase, times as text. */
export function describeExecutionIntegration(states: () => LocalStates, folder: string): Integration {
  const fields = { required: ['ExecutionArn'], optional: ['IncludedData'] };
  const date = (name: string, seconds: unknown) => (typeof seconds === 'number' ? { [name]: new Date(seconds * 1000).toISOString() } : {});
  const call = async ({ ExecutionArn: arn }: Record<string, unknown>) => {
    const { startDate, stopDate, ...described } = (await states().describeExecution(String(arn))) as Record<string, unknown>;
    const members = Object.entries(described).filter(([, value]) => value !== undefined);
    return {
      ...Object.fromEntries(members.map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value])),
      ...date('StartDate', startDate),
      ...date('StopDate', stopDate),
    };
  };
  return integration(fields, call, (error) => new TaskError(`Sfn.${error.code}Exception`, causeOf('Sfn', error)), folder);
}
