import type { Size } from '../asl/cost';
import type { StateMachineAsl } from '../asl/types';
import { walk } from '../asl/walk';
import type { Resource, Template } from '../template/template';

/** DPUs of one worker; one of type G.1X where nothing is said. */
const DPUS: Readonly<Record<string, number>> = { 'G.025X': 0.25, 'G.1X': 1, 'G.2X': 2, 'G.4X': 4, 'G.8X': 8, 'G.12X': 12, 'G.16X': 16 };

/** What the tasks of a state machine run on, by the name of the state, as far as the template makes it. */
export function sizesOf(definition: object, template: Template): Record<string, Size> {
  const functions = template.resources('AWS::Lambda::Function');
  const jobs = template.resources('AWS::Glue::Job');
  const workgroups = template.resources('AWS::RedshiftServerless::Workgroup');
  const sizes = walk(definition as StateMachineAsl).visits.flatMap(({ name, state }): [string, Size][] => {
    const args = (state.Arguments ?? {}) as { FunctionName?: string; JobName?: string; WorkgroupName?: string };
    const named = (resources: readonly Resource[], id: string | undefined) =>
      id === undefined ? undefined : resources.find(({ ref }) => id === ref || id.endsWith(`:${ref}`) || id.includes(`:${ref}:`))?.properties;
    const lambda = named(functions, args.FunctionName ?? state.Resource);
    const job = named(jobs, args.JobName);
    const workgroup = named(workgroups, args.WorkgroupName);
    const memoryMb = lambda && Number(lambda.MemorySize ?? 128);
    const dpus = job && (Number(job.MaxCapacity) || (DPUS[String(job.WorkerType)] ?? 1) * Number(job.NumberOfWorkers ?? 2));
    const rpus = workgroup && Number(workgroup.BaseCapacity ?? 128);
    const size = { ...(memoryMb && { memoryMb }), ...(dpus && { dpus }), ...(rpus && { rpus }) };
    return Object.keys(size).length === 0 ? [] : [[name, size]];
  });
  return Object.fromEntries(sizes);
}
