import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../engine';
import type { Integration } from './environment';

const DATA = 'aws-sdk:redshiftdata:';
const ENDED = ['FINISHED', 'FAILED', 'ABORTED'];
const LOOK_MS = 5;

/**
 * A statement runs on after its submission was answered. Holding the clock until it ends keeps a virtual clock from waiting it out:
 * without that, an hour of polls passes while the warehouse works for a second.
 */
export function holdClockForStatements(integrations: Readonly<Record<string, Integration>>, clock: Clock): Record<string, Integration> {
  const describe = integrations[`${DATA}describeStatement`]!;
  const untilEnded = async (id: unknown) => {
    const never = new AbortController().signal;
    for (;;) {
      const { Status } = (await describe({ Id: id }, never)) as { Status: string };
      if (ENDED.includes(Status)) return;
      await setTimeout(LOOK_MS);
    }
  };
  const holding =
    (submit: Integration): Integration =>
    async (args, signal) => {
      const result = (await submit(args, signal)) as { Id: string };
      // A closed warehouse ends the looking; the run that asked is over then.
      void clock.inFlight(() => untilEnded(result.Id)).catch(() => {});
      return result;
    };
  return Object.fromEntries(
    Object.entries(integrations).map(([name, integration]) => [name, name.endsWith('ecuteStatement') ? holding(integration) : integration]),
  );
}
