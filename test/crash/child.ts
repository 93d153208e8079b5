import { VirtualClock } from '../../lib/engine';
import { randomFrom } from '../../lib/local/demo/orders';
import { type Deployment, readDeployment } from '../../lib/local/deployment';
import { runLocal } from '../../lib/local/run';
import type { Order, Told } from './interruption';
import { interrupt } from './interruptions';
import { Meter } from './meter';
import { openProxy } from './proxy';

/** Runs the app once as the demo does, with the interruption that was ordered, and tells how it went. */
async function main(): Promise<void> {
  const order = JSON.parse(await standardInput()) as Order;
  const meter = new Meter();
  const proxy = await openProxy(order.source.port, (bytes) => meter.fromDatabase(bytes));
  const interference = interrupt(order, proxy);
  const run = await runLocal({
    deployment: tuned(readDeployment(order.app), order.partBytes),
    out: order.out,
    runId: order.runId,
    source: { ...order.source, port: proxy.port },
    clock: new VirtualClock(Date.now()),
    random: randomFrom(order.seed),
    interference: meter.measuring(interference),
  });
  proxy.close();
  const { status, error, cause, counts } = run;
  const told: Told = { status, error, cause, counts: { ...counts }, struck: interference.struck(), measured: meter.measured() };
  process.stdout.write(JSON.stringify(told));
}

/** Small parts make several of few rows, and without a lag what changed a moment ago is in the next window. */
function tuned(deployment: Deployment, partBytes: number): Deployment {
  const machines = deployment.machines.map((machine) => {
    const asl = JSON.stringify(machine.definition);
    const definition = asl.replace(/"partBytes":\d+/, `"partBytes":${partBytes}`).replace(/"lagSeconds":\d+/, '"lagSeconds":0');
    if (definition === asl) throw new Error('the definition has no partBytes and lagSeconds to tune');
    return { ...machine, definition: JSON.parse(definition) };
  });
  return { ...deployment, machines };
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

main().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
