import { isContainer, statesInside, type Visit } from '../walk';
import { type Finding, named, type Rule } from './rule';

/** The children of an express Distributed Map do only what Express executions can: they answer within 5 minutes, and nobody keeps their place. */
export const expressIntegrations: Rule = {
  id: 'express-integrations',
  find: ({ visits }) => visits.flatMap((visit) => (visit.state.ItemProcessor?.ProcessorConfig?.ExecutionType === 'EXPRESS' ? refusedIn(visit) : [])),
};

function refusedIn(container: Visit): Finding[] {
  return statesInside(container).flatMap((visit) => {
    const what = refused(visit);
    if (what === undefined) return [];
    return [
      {
        visit,
        message: `${named(visit)} ${what}, which the Express executions of ${named(container)} cannot do; run it in Standard executions: mapExecutionType StateMachineType.STANDARD`,
      },
    ];
  });
}

function refused({ state }: Visit): string | undefined {
  const resource = typeof state.Resource === 'string' ? state.Resource : '';
  if (/\.sync(:\d+)?$/.test(resource)) return 'waits for a job to end (.sync)';
  if (resource.endsWith('.waitForTaskToken')) return 'waits for a task token';
  if (/:states:[^:]*:[^:]*:activity:/.test(resource)) return 'is an activity';
  if (isContainer(state) && state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED') return 'is a distributed Map';
  return undefined;
}
