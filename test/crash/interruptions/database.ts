import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { TaskError } from '../../../lib/engine';
import { clientConfig } from '../../../lib/local/postgres';
import type { Interruption, Order } from '../interruption';
import type { DatabaseProxy, Proxied } from '../proxy';
import type { Striking } from '.';

const STALLED_MS = 300;

/** Ends a connection to the database, at either end, or lets it stand still until the machine gives the attempt up. */
export function breakDatabase(
  { how, bytes, times }: Extract<Interruption, { kind: 'database' }>,
  proxy: DatabaseProxy,
  source: Order['source'],
): Striking {
  let struck = 0;
  let gaveUp = () => {};
  const broken = new WeakSet<Proxied>();
  proxy.onData = (connection) => {
    if (connection.bytes < bytes || struck === times || broken.has(connection)) return;
    struck += 1;
    broken.add(connection);
    if (how === 'drop') connection.drop();
    if (how === 'terminate') void terminate(source);
    if (how === 'stall') {
      connection.stall();
      gaveUp();
    }
  };
  return {
    struck: () => struck,
    // Lambda would end the function after 15 minutes.
    tasks: (tasks) => async (request) => {
      if (how !== 'stall' || request.state !== 'Extract: Run') return tasks(request);
      const timeout = new AbortController();
      gaveUp = () => void sleep(STALLED_MS).then(() => timeout.abort());
      try {
        return await tasks({ ...request, signal: AbortSignal.any([request.signal, timeout.signal]) });
      } catch (error) {
        throw timeout.signal.aborted ? new TaskError('Sandbox.Timedout', 'the function took too long') : error;
      }
    },
  };
}

/** Ends the sessions of functions from the server's side, as a failover does. */
async function terminate(source: Order['source']): Promise<void> {
  const client = new Client(clientConfig(source));
  await client.connect();
  await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'cdk-data-pipeline%'", [
    source.database,
  ]);
  await client.end();
}
