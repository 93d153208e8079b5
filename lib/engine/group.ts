import { Cancelled, StateFailure } from './errors';
import { Frame, type Iteration } from './frame';
import { linkedController } from './signals';

/** The lines inside one attempt of a Parallel or Map. They end together: once one fails the group, the others are stopped. */
export class Group {
  private readonly link;
  private failed = false;

  constructor(private readonly frame: Frame) {
    this.link = linkedController(frame.signal);
  }

  /** Opens a line for a branch or an iteration. */
  open(iteration?: Iteration): Frame {
    const line = new Frame(this.frame.run, this.link.controller.signal, this.frame, iteration);
    this.frame.children.push(line);
    return line;
  }

  /** Ends the group because a line failed: stops the others, in their order, and throws the failure. */
  fail(line: Frame, error: unknown): never {
    if (!this.failed) {
      this.failed = true;
      this.link.controller.abort(new Cancelled());
      if (error instanceof StateFailure) this.close(line);
    }
    throw error;
  }

  private close(culprit: Frame): void {
    const { frame } = this;
    frame.previous = culprit.previous;
    culprit.close('Failed', frame.previous);
    for (const child of frame.children) child.close('Aborted', frame.previous);
  }

  /** Waits for all work, or for the first that fails: the siblings that it stops reject later. */
  async all<T>(work: readonly Promise<T>[]): Promise<T[]> {
    try {
      return await Promise.all(work);
    } finally {
      this.frame.children = [];
      this.link.unlink();
    }
  }
}
