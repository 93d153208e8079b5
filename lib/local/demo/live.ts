import type { StateProgress } from '../progress';
import { counted, duration, type Paint } from './text';

/** Where the demo writes for people. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly rows?: number;
  write(text: string): unknown;
}

/** States that do something or take time; the others only decide. */
const SHOWN = ['Task', 'Map', 'Parallel', 'Wait'];
const MARKS = { running: '…', done: '✔', failed: '✖' } as const;
const COLORS = { running: 'yellow', done: 'green', failed: 'red' } as const;
const NAME_WIDTH = 26;
const REDRAW_MS = 100;

/** Shows the states of a run as they go: a block that is drawn again in a terminal, else a line whenever a state ends or is tried again. */
export class LiveStates {
  private drawn = 0;
  private drawnAt = 0;
  private readonly told = new Map<string, string>();

  constructor(
    private readonly terminal: Terminal,
    private readonly paint: Paint,
  ) {}

  /** Takes in the states as they are now. */
  show(states: readonly StateProgress[]): void {
    const shown = states.filter(({ type }) => SHOWN.includes(type));
    if (!this.terminal.isTTY) this.tell(shown);
    else if (Date.now() - this.drawnAt >= REDRAW_MS) this.draw(shown);
  }

  /** Shows the states as they ended. */
  end(states: readonly StateProgress[]): void {
    const shown = states.filter(({ type }) => SHOWN.includes(type));
    if (this.terminal.isTTY) this.draw(shown);
    else this.tell(shown);
  }

  private draw(states: readonly StateProgress[]): void {
    this.drawnAt = Date.now();
    // What has scrolled away cannot be drawn again.
    const lines = states.map((state) => this.line(state)).slice(-((this.terminal.rows ?? 40) - 2));
    const up = this.drawn > 0 ? `\x1b[${this.drawn}A\x1b[0J` : '';
    this.terminal.write(`${up}${lines.map((line) => `${line}\n`).join('')}`);
    this.drawn = lines.length;
  }

  private tell(states: readonly StateProgress[]): void {
    for (const state of states) {
      const told = state.status === 'running' ? `try ${state.attempts}` : state.status;
      const isNews = state.status === 'running' ? state.attempts > 1 : true;
      if (!isNews || this.told.get(state.name) === told) continue;
      this.told.set(state.name, told);
      this.terminal.write(`${this.line(state)}\n`);
    }
  }

  private line({ name, status, attempts, ms, rows, error }: StateProgress): string {
    const tries = attempts > 1 || status === 'failed' ? (status === 'running' ? `try ${attempts}` : counted(attempts, 'try', 'tries')) : '';
    const trouble = error === undefined ? tries : [tries, error].filter(Boolean).join(', ');
    const mark = this.paint(COLORS[status], MARKS[status]);
    const amount = (rows === undefined ? '' : counted(rows, 'row')).padStart(16);
    const time = duration(ms).padStart(12);
    return `  ${mark} ${name.padEnd(NAME_WIDTH)}${amount}${time}${trouble === '' ? '' : `   ${this.paint(status === 'done' ? 'yellow' : COLORS[status], trouble)}`}`;
  }
}
