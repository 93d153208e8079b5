import { type Assumptions, type OwnPrices, PRICES, type PriceName } from '../../asl/cost';
import { UsageError } from '../command';
import { numberOf, pairsOf, parseFlags } from '../flags';

/** What an estimate is asked for. */
export interface CostArguments {
  readonly app: string;
  readonly machine?: string;
  readonly json: boolean;
  readonly assumptions: Assumptions;
  readonly prices: OwnPrices;
}

/** What `cost --help` prints. */
export const HELP = `npx cdk-data-pipeline cost [flags]

Estimates what one run of each state machine costs: best (nothing fails, every loop is left at the first look), expected, and worst (every
try is needed, everything takes as long as it may). List prices of us-east-1, before free tiers.

  --app DIR            what 'cdk synth' wrote (default: cdk.out)
  --machine NAME       a part of Stack/LogicalId of the state machine (default: all)
  --parts N            parts of the dataset (default 1)
  --rows N             rows of the dataset (default 1000)
  --nat-gb N           gigabytes of a run that go through a NAT gateway (default 0)
  --input JSON         what the run is started with (default {})
  --seconds NAME=N     how long a task takes, or what a loop waits for, by state or step: --seconds Load=1800
  --items MAP=N        items of a Map
  --turns STATE=N      how often the loop with that state asks
  --retries STATE=N    retries of each visit of a state
  --way CHOICE=NEXT    the way that a Choice goes
  --price NAME=N       a price of your own in dollars: ${Object.keys(PRICES).join(', ')}
  --json               prints JSON
  --help               this text
`;

const FLAGS = {
  app: { type: 'string' },
  machine: { type: 'string' },
  json: { type: 'boolean' },
  parts: { type: 'string' },
  rows: { type: 'string' },
  'nat-gb': { type: 'string' },
  input: { type: 'string' },
  seconds: { type: 'string', multiple: true },
  items: { type: 'string', multiple: true },
  turns: { type: 'string', multiple: true },
  retries: { type: 'string', multiple: true },
  way: { type: 'string', multiple: true },
  price: { type: 'string', multiple: true },
} as const;

/** Reads the command line. */
export function parseCostArguments(argv: readonly string[]): CostArguments {
  const { app = 'cdk.out', machine, json = false, parts, rows, input, 'nat-gb': natGigabytes, way, price, ...named } = parseFlags(argv, FLAGS);
  const assumptions: Assumptions = {
    ...(parts !== undefined && { parts: numberOf('--parts', parts) }),
    ...(rows !== undefined && { rows: numberOf('--rows', rows) }),
    ...(natGigabytes !== undefined && { natGigabytes: numberOf('--nat-gb', natGigabytes) }),
    ...(input !== undefined && { input: inputOf(input) }),
    seconds: numbersOf('--seconds', named.seconds),
    items: numbersOf('--items', named.items),
    turns: numbersOf('--turns', named.turns),
    retries: numbersOf('--retries', named.retries),
    ways: Object.fromEntries(pairsOf('--way', way).map(([choice, next]) => [choice, { [next]: 1 }])),
  };
  return { app, machine, json, assumptions, prices: pricesOf(price) };
}

function numbersOf(flag: string, texts?: readonly string[]): Record<string, number> {
  return Object.fromEntries(pairsOf(flag, texts).map(([name, text]) => [name, numberOf(flag, text)]));
}

function pricesOf(texts?: readonly string[]): OwnPrices {
  const prices = numbersOf('--price', texts);
  const unknown = Object.keys(prices).find((name) => !Object.hasOwn(PRICES, name));
  if (unknown !== undefined) throw new UsageError(`--price knows no '${unknown}'; there are ${Object.keys(PRICES).join(', ')}`);
  return prices satisfies Partial<Record<PriceName | string, number>>;
}

function inputOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--input takes JSON, got '${text}'`);
  }
}
