import type { LocalPostgres } from '../../lib/local/postgres';

/** One thing that goes wrong in one run. Sizes and times are where it strikes. */
export type Interruption =
  /** The whole process group is killed: before a state, within it, when its task is done and nobody knows yet, or after it. */
  | { readonly kind: 'kill'; readonly state: string; readonly moment: Moment; readonly ms: number }
  /** The process group is killed `ms` after the state `from` began, or when `until` ends. */
  | { readonly kind: 'killWithin'; readonly from: string; readonly until: string; readonly ms: number }
  /** The process group is killed once so many bytes of a step's objects came to the S3 endpoint, or when the state `until` ends. */
  | { readonly kind: 'killAtByte'; readonly step: string; readonly until: string; readonly bytes: number }
  /** Only the process or job that does a task is killed, `times` times. */
  | { readonly kind: 'worker'; readonly state: string; readonly ms: number; readonly times: number }
  /** The machine gives an attempt up that goes on, and ends after its successor. */
  | { readonly kind: 'zombie'; readonly state: string; readonly ms: number }
  /** A task is done, and the answer is lost, `times` times. */
  | { readonly kind: 'lostAnswer'; readonly state: string; readonly times: number }
  /** The connection to the database ends, or stands still, after so many bytes, `times` times. */
  | { readonly kind: 'database'; readonly how: 'drop' | 'terminate' | 'stall'; readonly bytes: number; readonly times: number }
  /** `times` requests to S3 go wrong, from the one numbered `first`. */
  | { readonly kind: 'storage'; readonly how: StorageFault; readonly first: number; readonly times: number }
  /** After so many bytes nothing can be written any more, or no file can be larger. */
  | { readonly kind: 'disk'; readonly how: 'full' | 'fileSize'; readonly bytes: number };

export type Moment = 'before' | 'within' | 'done' | 'after';

export type StorageFault = 'slowDown' | 'internalError' | 'resetUpload' | 'resetDownload' | 'lostAnswer' | 'slow';

/** Whether a run must succeed in spite of it: three tries are enough, and a zombie harms nobody. */
export function isSurvived(interruption: Interruption): boolean {
  switch (interruption.kind) {
    case 'zombie':
      return true;
    case 'worker':
    case 'lostAnswer':
    case 'database':
      return interruption.times <= 2;
    case 'storage':
      return interruption.times <= 2 || interruption.how === 'slow';
    default:
      return false;
  }
}

/** What a child process is asked to run. It comes on standard input, because it holds a password. */
export interface Order {
  /** The folder of the synthesized app. */
  readonly app: string;
  readonly out: string;
  readonly runId: string;
  readonly source: Omit<LocalPostgres, 'stop'>;
  readonly partBytes: number;
  readonly seed: number;
  readonly interruption?: Interruption;
}

/** What a child process that was not killed tells. */
export interface Told {
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
  readonly counts: Readonly<Record<string, number>>;
  /** How often the interruption struck. */
  readonly struck: number;
  readonly measured: Measured;
}

/** What an undisturbed run takes, so that interruptions strike within it. */
export interface Measured {
  /** Real milliseconds of each state. */
  readonly ms: Readonly<Record<string, number>>;
  readonly tasks: readonly string[];
  readonly requests: number;
  /** Bytes of each step's objects that came to the endpoint. */
  readonly bytes: Readonly<Record<string, number>>;
  readonly databaseBytes: number;
}
