import { estimate, PRICES, PRICES_REGION } from '../../asl/cost';
import { machinesOf } from '../assembly';
import type { Command } from '../command';
import { HELP, parseCostArguments } from './arguments';
import { costTable } from './table';

/** Estimates what runs of an app's state machines cost. */
export const cost: Command = {
  summary: 'estimates what a run costs: state transitions, and the services behind them',
  help: HELP,
  run: async ({ argv, stdout }) => {
    const { app, machine, json, assumptions, prices } = parseCostArguments(argv);
    const machines = machinesOf(app, machine).map(({ stack, logicalId, definition, sizes }) => {
      const assumed = { ...assumptions, sizes };
      return { name: `${stack}/${logicalId}`, assumptions: assumed, ...estimate(definition, assumed, prices) };
    });
    if (json) stdout.write(`${JSON.stringify({ region: PRICES_REGION, prices: PRICES, ownPrices: prices, machines }, null, 2)}\n`);
    else stdout.write(machines.map(({ name, ...each }) => costTable(name, each, assumptions)).join('\n'));
    return 0;
  },
};
