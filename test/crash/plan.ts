import { randomFrom } from '../../lib/local/demo/orders';
import type { Interruption, Measured, StorageFault } from './interruption';
import type { Shape } from './source';

/** What happens in one case: a run is interrupted, the source lives on, the next run ends. */
export interface Case {
  readonly index: number;
  readonly seed: number;
  readonly interruption: Interruption;
  /** The next run is interrupted as well. */
  readonly again?: Interruption;
  readonly shape: Shape;
  /** A run went well before, so that there are a watermark and a table. */
  readonly warm: boolean;
  readonly changes: boolean;
}

/** A warm run moves no more than what changed. */
const CHANGED_SHARE = 0.2;

/** A wide run begins with a part that goes up in pieces. */
const UPLOAD_REQUESTS = 4;

function scaled({ bytes, databaseBytes, ...measured }: Measured, share: number): Measured {
  const fewer = Object.fromEntries(Object.entries(bytes).map(([step, count]) => [step, count * share]));
  return { ...measured, bytes: fewer, databaseBytes: databaseBytes * share };
}

type Random = () => number;
type Kind = Interruption['kind'];

/** A dozen cases have every kind, and kills most often, so that 200 kill at, before and after every state. */
const KINDS: readonly Kind[] = [
  'kill',
  'killAtByte',
  'zombie',
  'kill',
  'storage',
  'killWithin',
  'kill',
  'database',
  'worker',
  'kill',
  'lostAnswer',
  'disk',
];

const STORAGE_FAULTS: readonly StorageFault[] = ['slowDown', 'resetUpload', 'lostAnswer', 'resetDownload', 'internalError', 'slow'];

/** The case of a number: the same for the same seed and state machine, except that places within a run scale with what was measured. */
export function caseOf(seed: number, index: number, measured: Measured): Case {
  const random = randomFrom(seed * 1_000_003 + index);
  const kind = KINDS[index % KINDS.length]!;
  const nth = KINDS.slice(0, index % KINDS.length).filter((each) => each === kind).length;
  const turn = Math.floor(index / KINDS.length) * KINDS.filter((each) => each === kind).length + nth;
  const wide = ['killAtByte', 'storage', 'worker', 'zombie'].includes(kind) && random() < 0.25;
  const warm = !wide && random() < 0.5;
  const expected = warm ? scaled(measured, CHANGED_SHARE) : wide ? { ...measured, requests: UPLOAD_REQUESTS } : measured;
  return {
    index,
    seed: seed * 1000 + index,
    interruption: DRAW[kind](turn, random, expected, randomFrom(seed)),
    ...(random() < 0.15 && { again: DRAW.kill(Math.floor(random() * 1000), random, expected, randomFrom(seed)) }),
    shape: wide ? 'wide' : 'usual',
    warm,
    changes: random() < 0.6,
  };
}

/** `turn` counts the cases of a kind, `order` shuffles alike for all of them. */
type Draw = (turn: number, random: Random, measured: Measured, order: Random) => Interruption;

const DRAW: Readonly<Record<Kind, Draw>> = {
  kill: (turn, random, { ms, tasks }, order) => {
    const places = Object.keys(ms).flatMap((state) => {
      const moments = tasks.includes(state) ? (['before', 'within', 'done', 'after'] as const) : (['before', 'after'] as const);
      return moments.map((moment) => ({ state, moment }));
    });
    const { state, moment } = nth(shuffled(places, order), turn);
    return { kind: 'kill', state, moment, ms: within(ms[state]!, random) };
  },
  killWithin: (turn, random, { ms }) => {
    const [from, until] = nth([['Parquet: Convert', 'Parquet: Convert'] as const, ['Load: Submit', 'Load: Describe'] as const], turn);
    const length = from === until ? ms[from]! : ms['Load: Submit']! + ms['Load: Wait']! + ms['Load: Describe']!;
    return { kind: 'killWithin', from, until, ms: within(length, random) };
  },
  killAtByte: (turn, random, { bytes }) => {
    const [step, until] = nth([['Extract', 'Extract: Run'] as const, ['Clean', 'Clean: Finish'] as const], turn);
    return { kind: 'killAtByte', step, until, bytes: within(bytes[step]!, random) };
  },
  worker: (turn, random, { ms }) => {
    const state = nth(['Extract: Run', 'Clean: Part', 'Parquet: Convert', 'Clean: Finish'], turn);
    return { kind: 'worker', state, ms: within(ms[state]!, random), times: 1 + Math.floor(random() * 3) };
  },
  zombie: (turn, random, { ms, tasks }, order) => {
    const state = nth(['Extract: Run', 'Clean: Part', 'Clean: Finish', ...shuffled(tasks, order)], turn);
    return { kind: 'zombie', state, ms: within(ms[state]!, random) };
  },
  lostAnswer: (turn, random, { tasks }, order) => ({
    kind: 'lostAnswer',
    state: nth(shuffled(tasks, order), turn),
    times: 1 + Math.floor(random() * 3),
  }),
  database: (turn, random, { databaseBytes }) => ({
    kind: 'database',
    how: nth(['drop', 'terminate', 'stall'] as const, turn),
    bytes: within(databaseBytes, random),
    times: 1 + Math.floor(random() * 3),
  }),
  storage: (turn, random, { requests }) => ({
    kind: 'storage',
    how: nth(STORAGE_FAULTS, turn),
    first: within(requests, random),
    times: nth([1, 2, 4, 8, 30], Math.floor(random() * 5)),
  }),
  disk: (turn, random, { bytes }) => {
    const how = nth(['full', 'fileSize'] as const, turn);
    // the files of DuckDB are larger than all that is written else
    const most = how === 'full' ? Object.values(bytes).reduce((sum, each) => sum + each, 0) : 600_000;
    return { kind: 'disk', how, bytes: within(most, random) };
  },
};

const within = (length: number, random: Random): number => Math.ceil(random() * length);

const nth = <T>(from: readonly T[], turn: number): T => from[turn % from.length]!;

function shuffled<T>(from: readonly T[], random: Random): T[] {
  return from
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
