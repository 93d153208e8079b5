import { randomFrom } from '../../lib/local/demo/orders';
import type { Deletes } from './pipelines';

/** What writers do to rows in one transaction. */
export interface Change {
  readonly kind:
    | 'insert'
    | 'update'
    | 'delete'
    /** Deletes rows and, in a transaction of its own, inserts their keys again. */
    | 'reinsert'
    /** Gives rows other keys. */
    | 'rekey';
  readonly rows: number;
  /** What the column says of the time of the change. */
  readonly stamp: /** The database's clock. */
    | 'clock'
    /** A clock that is as far behind as lag and overlap allow. */
    | 'behind'
    /** The watermark, and the earliest time that the next window reaches back to, to the microsecond. */
    | 'watermark'
    | 'earliest';
  /** Moments that pass before the transaction commits; 0 commits it at once. */
  readonly open: number;
  /** How late the commit may be of an open transaction. */
  readonly late: 'lag' | 'overlap';
}

/** Where in a run writers write: before it, between the lock and the extraction, while rows are read, between extraction and load. */
export type Moment = 'before' | 'locked' | 'reading' | 'extracted';

export const MOMENTS: readonly Moment[] = ['before', 'locked', 'reading', 'extracted'];

/** A run and what is written around it. */
export interface Round {
  readonly run:
    | 'increment'
    /** Fails at a state, for good. */
    | 'interrupted'
    /** Goes on with what the run that was interrupted last had extracted. */
    | 'resumed'
    /** Of a window that was extracted before, whose high end is the time of a row. */
    | 'replay'
    /** Compares the keys, where the source marks no rows. */
    | 'deletes';
  /** Which state fails, of those that a run has, from 0 to 1. */
  readonly at: number;
  readonly changes: Readonly<Record<Moment, readonly Change[]>>;
  /** The replica replays nothing until the round is over, for so long that lag and overlap alone would not cover it. */
  readonly stalls: boolean;
}

/** One schedule of writers and runs: the same for the same seed. */
export interface Schedule {
  readonly index: number;
  readonly seed: number;
  readonly deletes: Deletes;
  /** The pipeline reads a replica. */
  readonly replica: boolean;
  readonly rounds: readonly Round[];
}

type Random = () => number;

/** Every three schedules have both ways of deletion and a replica; every six all combinations but one. */
export function scheduleOf(seed: number, index: number): Schedule {
  const random = randomFrom(seed * 1_000_003 + index);
  const deletes: Deletes = index % 2 === 0 ? 'keys' : 'tombstones';
  const replica = index % 3 === 2;
  const middle: Round['run'][] = shuffled(['increment', 'replay', 'interrupted', deletes === 'keys' ? 'deletes' : 'increment'], random);
  // what was interrupted goes on at once, or after a run that overtook it
  const at = middle.indexOf('interrupted') + 1 + Math.floor(random() * 2);
  middle.splice(at, 0, 'resumed');
  const stalled = pick(
    middle.flatMap((run, number) => (run === 'increment' ? [number + 1] : [])),
    random,
  );
  const rounds = (['increment', ...middle] as const).map((run, number): Round => {
    const changes = (moment: Moment) => {
      // nobody may write while the rows of a replay are counted
      if (run === 'replay' && moment !== 'before') return [];
      const reads = run === 'increment' || run === 'interrupted';
      return changesOf(random, reads && number > 0 && !replica && (moment === 'before' || moment === 'locked'));
    };
    return {
      ...{ run, at: random() },
      changes: { before: changes('before'), locked: changes('locked'), reading: changes('reading'), extracted: changes('extracted') },
      stalls: replica && number === stalled,
    };
  });
  return { index, seed: seed * 1000 + index, deletes, replica, rounds };
}

/** Times at the ends of a window are for changes that its extraction surely sees. */
function changesOf(random: Random, atEnds: boolean): Change[] {
  const drawn = [...Array(1 + Math.floor(random() * 3))].map(() => changeOf(random, atEnds));
  return atEnds ? [...drawn, { ...AT_END, stamp: 'earliest' }, { ...AT_END, stamp: 'watermark' }] : drawn;
}

const AT_END = { kind: 'insert', rows: 1, open: 0, late: 'overlap' } as const;

const KINDS = ['insert', 'insert', 'update', 'update', 'delete', 'reinsert', 'rekey'] as const;

function changeOf(random: Random, atEnds: boolean): Change {
  const kind = pick(KINDS, random);
  const stamps: readonly Change['stamp'][] = ['clock', 'clock', 'behind', ...(atEnds ? (['watermark', 'earliest'] as const) : [])];
  const stamp = kind === 'insert' || kind === 'update' ? pick(stamps, random) : 'clock';
  const open = stamp === 'clock' && random() < 0.6 ? 1 + Math.floor(random() * 6) : 0;
  return { kind, rows: 1 + Math.floor(random() * 4), stamp, open, late: pick(['lag', 'overlap'], random) };
}

const pick = <T>(from: readonly T[], random: Random): T => from[Math.floor(random() * from.length)]!;

function shuffled<T>(from: readonly T[], random: Random): T[] {
  return from
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
