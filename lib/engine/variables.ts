import { ErrorName, StateFailure } from './errors';

/** Quota of the service for the variables of one execution, in all scopes that are open. */
const MAX_VARIABLE_BYTES = 10 * 1024 * 1024;

/** How many bytes the variables of one execution have together. */
export interface VariableBudget {
  bytes: number;
}

interface Variable {
  readonly value: unknown;
  readonly bytes: number;
}

/** The variables of one scope: a machine, a branch of a Parallel or an iteration of a Map. Inner scopes read outer ones. */
export class Variables {
  private readonly own = new Map<string, Variable>();

  constructor(
    private readonly budget: VariableBudget,
    private readonly outer?: Variables,
  ) {}

  /** Everything a state of this scope can read. */
  visible(): Record<string, unknown> {
    const values = this.outer?.visible() ?? {};
    for (const [name, { value }] of this.own) values[name] = value;
    return values;
  }

  /** Name of a variable that a scope around this one has, if it is among `names`. */
  clash(names: readonly string[]): string | undefined {
    const outer = this.outer?.visible() ?? {};
    return names.find((name) => Object.hasOwn(outer, name));
  }

  /** Sets variables; `texts` are their values as JSON. */
  assign(values: Readonly<Record<string, unknown>>, texts: Readonly<Record<string, string>>): void {
    const bytes = new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.byteLength(text)] as const));
    const growth = [...bytes].reduce((sum, [name, size]) => sum + size - (this.own.get(name)?.bytes ?? 0), 0);
    if (this.budget.bytes + growth > MAX_VARIABLE_BYTES) {
      const cause = `The variables of the execution exceed the maximum number of bytes service limit (${MAX_VARIABLE_BYTES}).`;
      throw new StateFailure(ErrorName.DATA_LIMIT_EXCEEDED, cause);
    }
    this.budget.bytes += growth;
    for (const [name, size] of bytes) this.own.set(name, { value: values[name], bytes: size });
  }

  /** Ends the scope: its variables take no room any more. */
  drop(): void {
    for (const { bytes } of this.own.values()) this.budget.bytes -= bytes;
    this.own.clear();
  }
}
