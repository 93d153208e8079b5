import { literal as text } from '../../private/jsonata';
import type { Place } from './places';

/** What a run may be asked for. */
export interface Abilities {
  readonly places: readonly Place[];
  /** Whether there is a window to replay. */
  readonly window: boolean;
  readonly resume: boolean;
  readonly dryRun: boolean;
}

const IN = '$states.input';
const MEMBERS = ['dataset', 'window', 'startAt', 'resume', 'dryRun', 'acceptSchema'];
/** An instant as the extraction writes it, or a whole number. */
const INSTANT = String.raw`/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/`;
const NUMBER = String.raw`/^-?\d{1,19}$/`;
/** What the load writes into SQL is held against what it may be. */
const MANIFEST = String.raw`/^s3:\/\/[^\/'"\\\s]+\/[^'"\\\s]+$/`;
const TYPE = String.raw`/^[a-z][a-z ]*(\(\d+(,\d+)?\))?$/`;

/** A condition in JSONata, and the message for a run input for which it holds. */
type Check = readonly [condition: string, message: string];

/**
 * JSONata that says what is wrong with a run input, or `''`. Checks stand in the order in which they may be asked: each relies on those before it,
 * and none fails on an input of any shape.
 */
export function problemWith(abilities: Abilities): string {
  const places = Object.fromEntries(
    abilities.places.map(({ name, needsDataset, reads = [], needsWindow }) => [name, { needsDataset, reads, needsWindow }]),
  );
  const checks = [...shape(), ...window(abilities), ...resume(abilities), ...start(abilities), ...dryRun(abilities), ...acceptSchema(abilities)];
  const allowed = text(`; a run takes ${allowedInputs(abilities).join(', or ')}`);
  const chain = checks.reduceRight((otherwise, [condition, message]) => `${condition} ? ${message} & $allowed : ${otherwise}`, "''");
  return `($places := ${JSON.stringify(places)}; $instants := ${INSTANT}; $numbers := ${NUMBER}; $allowed := ${allowed}; ${chain})`;
}

function allowedInputs({ places, ...abilities }: Abilities): string[] {
  return [
    '{}',
    ...(abilities.window ? ['{"window": {"low": "2026-01-31T00:00:00Z", "high": "2026-02-01T00:00:00Z"}}'] : []),
    ...(places.length > 0 ? ['{"startAt": STEP, "dataset": DATASET} with the dataset of an earlier run'] : []),
    ...(abilities.resume ? ['{"resume": RUN_ID}'] : []),
    ...(abilities.dryRun ? ['{"acceptSchema": true} to take the columns of the source as they are now'] : []),
    ...(abilities.dryRun ? [`{"dryRun": true}${abilities.window ? ', with a window or without' : ''}`] : []),
  ];
}

function shape(): Check[] {
  const unknown = `$keys(${IN})[$not($ in ${list(MEMBERS)})]`;
  const ways = `['window', 'startAt', 'resume'][$ in $keys(${IN})]`;
  return [
    [`$not($type(${IN}) = 'object')`, text('the run input is no JSON object')],
    [`$exists(${unknown})`, `"'" & $join(${unknown}, "', '") & ${text("' is not known")}`],
    [`$count(${ways}) > 1`, `$join(${ways}, ' and ') & ${text(' exclude each other')}`],
    [`$exists(${IN}.dataset) and $not($exists(${IN}.startAt))`, text('a dataset means nothing without startAt')],
  ];
}

function window({ window: incremental }: Abilities): Check[] {
  const window = `${IN}.window`;
  const asked = `$exists(${window})`;
  if (!incremental) return [[asked, text('the pipeline extracts whole tables, so there is no window to replay')]];
  const both = (pattern: string) =>
    `($contains(${window}.high, ${pattern}) and (${window}.low = null or $contains($string(${window}.low), ${pattern})))`;
  const shaped = `($type(${window}) = 'object' and $type(${window}.high) = 'string' and $type(${window}.low) in ['string', 'null'] and $count($keys(${window})) = 2)`;
  const order = (convert: string) => `${window}.low != null and ${convert}(${window}.low) >= ${convert}(${window}.high)`;
  const wrong = `(${asked} ? $not(${shaped}) : false)`;
  const inOrder = `(${asked} ? (${both('$instants')} ? ${order('$toMillis')} : ${both('$numbers')} ? ${order('$number')} : true) : false)`;
  return [
    [wrong, text('the window must have low and high, as texts; low may be null')],
    [inOrder, text('the window must begin before it ends, both written as 2026-01-31T23:59:59.000000Z')],
  ];
}

function resume({ resume: kept }: Abilities): Check[] {
  const asked = `$exists(${IN}.resume)`;
  if (!kept) return [[asked, text('the pipeline keeps no checkpoint to resume from; AlertPolicy.toTopic and a step with a bucket make it keep one')]];
  const isRun = `($type(${IN}.resume) = 'string' ? $contains(${IN}.resume, /^[A-Za-z0-9_-]{1,80}$/) : false)`;
  return [[`(${asked} ? $not(${isRun}) : false)`, text('resume must be the id of a run that failed')]];
}

function start({ places }: Abilities): Check[] {
  const asked = `$exists(${IN}.startAt)`;
  if (places.length === 0) return [[asked, text('the pipeline has no step to start at')]];
  const dataset = `${IN}.dataset`;
  const place = `$lookup($places, ${IN}.startAt)`;
  const given = `$exists(${dataset})`;
  const isPlace = `($type(${IN}.startAt) = 'string' ? ${IN}.startAt in $keys($places) : false)`;
  const fits = `(${asked} and ${given} ? $count(${place}.reads) > 0 and $not(${dataset}.format in ${place}.reads) : false)`;
  const windowless = `(${asked} and ${given} ? ${place}.needsWindow and $not($type(${dataset}.window) = 'object') : false)`;
  return [
    [`(${asked} ? $not(${isPlace}) : false)`, `${text('there is no step to start at of that name; there are ')} & $join($keys($places), ', ')`],
    [`(${asked} ? ${place}.needsDataset and $not(${given}) : false)`, `${IN}.startAt & ${text(' needs a dataset')}`],
    [`(${given} ? $not(${isDataset(dataset)}) : false)`, text('the dataset must be as an earlier run left it in its output or checkpoint')],
    [fits, `${IN}.startAt & ${text(' reads ')} & $join(${place}.reads, ' or ') & ${text(', and the dataset is ')} & ${dataset}.format`],
    [windowless, `${IN}.startAt & ${text(' needs a dataset with a window')}`],
  ];
}

/** What a load makes SQL of is checked to the letter. */
function isDataset(dataset: string): string {
  const typed = (member: string, type: string) => `$type(${dataset}.${member}) = '${type}'`;
  const members = [
    `$type(${dataset}) = 'object'`,
    ...['name', 'manifest', 'format'].map((member) => typed(member, 'string')),
    ...['recordCount', 'parts'].map((member) => typed(member, 'number')),
    typed('columns', 'array'),
    typed('counts', 'object'),
  ];
  const texts = (of: string) => `$count((${dataset}.columns.${of})[$type($) = 'string']) = $count(${dataset}.columns)`;
  const window = `($exists(${dataset}.window) ? ${typed('window', 'object')} and ${typed('window.column', 'string')} and ${typed('window.high', 'string')} : true)`;
  const types = `$count((${dataset}.columns.type)[$contains($, ${TYPE})]) = $count(${dataset}.columns)`;
  const manifest = `$contains(${dataset}.manifest, ${MANIFEST})`;
  return `(${members.join(' and ')} ? (${texts('name')} and ${texts('type')} and ${window} ? ${types} and ${manifest} : false) : false)`;
}

function dryRun({ dryRun: planned }: Abilities): Check[] {
  const asked = `${IN}.dryRun`;
  return [
    [`($exists(${asked}) ? $not(${asked} in [true, false]) : false)`, text('dryRun must be true or false')],
    ...(planned ? [] : [[`${asked} = true`, text('no step of the pipeline can say what it would do')] as const]),
    [
      `${asked} = true and ($exists(${IN}.startAt) or $exists(${IN}.resume))`,
      text('a dry run begins at the extraction; leave startAt and resume out'),
    ],
  ];
}

function acceptSchema({ dryRun: extracts }: Abilities): Check[] {
  const asked = `${IN}.acceptSchema`;
  return [
    [`($exists(${asked}) ? $not(${asked} in [true, false]) : false)`, text('acceptSchema must be true or false')],
    ...(extracts ? [] : [[`${asked} = true`, text('no step of the pipeline compares the columns of a source')] as const]),
    [
      `${asked} = true and ($exists(${IN}.startAt) or $exists(${IN}.resume))`,
      text('columns are compared by the extraction; leave startAt and resume out'),
    ],
  ];
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(', ')}]`;
}
