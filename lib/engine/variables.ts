/** The variables of one scope: a machine, a branch of a Parallel or an iteration of a Map. Inner scopes read outer ones. */
export class Variables {
  private values: Readonly<Record<string, unknown>> = {};

  constructor(private readonly outer?: Variables) {}

  /** Everything a state of this scope can read. */
  visible(): Readonly<Record<string, unknown>> {
    return this.outer === undefined ? this.values : { ...this.outer.visible(), ...this.values };
  }

  /** Name of a variable that a scope around this one has, if it is among `names`. */
  clash(names: readonly string[]): string | undefined {
    const outer = this.outer?.visible() ?? {};
    return names.find((name) => Object.hasOwn(outer, name));
  }

  assign(values: Readonly<Record<string, unknown>>): void {
    this.values = { ...this.values, ...values };
  }
}
