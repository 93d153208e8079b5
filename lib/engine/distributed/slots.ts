/** Room for so many things at once. */
export class Slots {
  private free: number;
  private waiting: (() => void)[] = [];

  constructor(private readonly total: number) {
    this.free = total;
  }

  /** Waits for room and takes it. */
  async take(): Promise<void> {
    while (this.free === 0) await this.given();
    this.free -= 1;
  }

  give(): void {
    this.free += 1;
    const { waiting } = this;
    this.waiting = [];
    for (const wake of waiting) wake();
  }

  /** Waits until all room is given back. */
  async idle(): Promise<void> {
    while (this.free < this.total) await this.given();
  }

  private given(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
