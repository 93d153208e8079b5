import type { Interference } from '../../../lib/local/interference';
import type { Order } from '../interruption';
import type { DatabaseProxy } from '../proxy';
import { breakDatabase } from './database';
import { fillDisk } from './disk';
import { killAt, killAtByte, killWithin } from './kill';
import { breakStorage } from './storage';
import { killWorker, loseAnswer, makeZombie } from './tasks';

/** An interference that tells how often it struck. */
export interface Striking extends Interference {
  struck(): number;
}

/** What the ordered interruption does to the run of this process. */
export function interrupt({ interruption, out, source }: Order, proxy: DatabaseProxy): Striking {
  switch (interruption?.kind) {
    case undefined:
      return { struck: () => 0 };
    case 'kill':
      return killAt(interruption);
    case 'killWithin':
      return killWithin(interruption);
    case 'killAtByte':
      return killAtByte(interruption);
    case 'worker':
      return killWorker(interruption);
    case 'zombie':
      return makeZombie(interruption, source);
    case 'lostAnswer':
      return loseAnswer(interruption);
    case 'database':
      return breakDatabase(interruption, proxy, source);
    case 'storage':
      return breakStorage(interruption);
    case 'disk':
      return fillDisk(interruption, out);
  }
}
