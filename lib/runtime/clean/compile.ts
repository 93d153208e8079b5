import type { Column, RejectedRow, Rule } from '../contract';
import { type ColumnType, parseType } from '../shared/types';
import { defaultTo, hash, lower, replace, upper } from './changes';
import type { Row } from './row';
import { type PlacedColumn, placedColumns } from './rules';
import { converter, convertText } from './types/convert';
import { type Change, isAllowed, isInRange, isMatch, nullIf, type Test, trim } from './values';
import { versionOf } from './version';

/** One thing that is done to every row, in order. A row for which `run` is false is rejected with the reason. */
export interface Step {
  readonly reason: RejectedRow['reason'];
  run(row: Row): boolean;
}

/** The reason for which a text of more bytes than its column holds is rejected. */
export const OVERLONG = 'overlong';

/** Rules made ready to run over rows. */
export interface CompiledRules {
  readonly steps: readonly Step[];
  /** The columns of the key by which rows are unique, none without such a rule. */
  readonly key: readonly number[];
  /** Writes the version of a row, of which the newest of a key stays; undefined where the first does. */
  readonly version?: (row: Row, out: Uint32Array) => void;
  /** The columns of the cleaned rows, by their places in the row. */
  readonly columns: readonly PlacedColumn[];
}

/**
 * Turns rules into closures over column numbers, once per part. After the rules every value is held against its column's type; `unique` comes
 * last of all, wherever it is written, because a row that is rejected after all must not take another's place.
 */
export function compileRules(rules: readonly Rule[], columns: readonly Column[]): CompiledRules {
  const compiler = new Compiler(columns);
  for (const rule of rules) compiler.add(rule);
  return compiler.finish(placedColumns(rules, columns));
}

class Compiler {
  private readonly steps: Step[] = [];
  private readonly types: ColumnType[];
  /** Columns whose value is known to be in the plain form of its type. */
  private readonly typed = new Set<number>();
  private key: readonly number[] = [];
  private latest: number | undefined;
  /** What the rules call each column, undefined once it is dropped. */
  private readonly names: (string | undefined)[];

  constructor(private readonly columns: readonly Column[]) {
    this.types = columns.map((column) => parseType(column.type));
    this.names = columns.map((column) => column.name);
  }

  add(rule: Rule): void {
    switch (rule.rule) {
      case 'trim':
        this.change('trim', rule.columns, trim);
        break;
      case 'nullIf':
        this.change('nullIf', rule.columns, nullIf(rule.values));
        break;
      case 'cast':
        this.cast(this.find(rule.column), parseType(rule.to));
        break;
      case 'required':
        for (const name of rule.columns) this.notNull('required', this.find(name));
        break;
      case 'allowed':
        this.test(rule, (type) => isAllowed(type, rule.values));
        break;
      case 'matches':
        this.test(rule, () => isMatch(rule.pattern));
        break;
      case 'range':
        this.test(rule, (type) => isInRange(type, rule.min, rule.max));
        break;
      case 'default':
        this.default(this.find(rule.column), rule.value);
        break;
      case 'lower':
        this.change('lower', rule.columns, lower);
        break;
      case 'upper':
        this.change('upper', rule.columns, upper);
        break;
      case 'replace':
        this.change('replace', [rule.column], replace(rule.pattern, rule.with));
        break;
      case 'hash':
        for (const name of rule.columns) this.hash(this.find(name));
        break;
      case 'rename':
        this.names[this.find(rule.column)] = rule.to;
        break;
      case 'drop':
        for (const name of rule.columns) this.names[this.find(name)] = undefined;
        break;
      case 'unique':
        this.key = rule.columns.map((name) => this.find(name));
        this.latest = rule.latest === undefined ? undefined : this.find(rule.latest);
    }
  }

  finish(cleaned: readonly PlacedColumn[]): CompiledRules {
    for (const { place, nullable } of cleaned) {
      this.convert('type', place);
      if (!nullable) this.notNull('type', place);
    }
    for (const column of this.key) {
      this.convert('unique', column);
      this.notNull('unique', column);
    }
    return { steps: this.steps, key: this.key, version: this.version(), columns: cleaned };
  }

  private version(): CompiledRules['version'] {
    const { latest } = this;
    if (latest === undefined) return undefined;
    this.convert('unique', latest);
    const type = this.types[latest]!;
    return (row, out) => versionOf(row, latest, type, out);
  }

  private find(name: string): number {
    return this.names.indexOf(name);
  }

  /** A rule that changes values and rejects none. */
  private change(rule: string, names: readonly string[] | undefined, run: Change): void {
    const columns = names?.map((name) => this.find(name)) ?? this.texts();
    for (const column of columns) this.typed.delete(column);
    const change = (row: Row) => {
      for (const column of columns) if (row.start[column]! >= 0) run(row, column);
      return true;
    };
    this.steps.push({ reason: { rule }, run: change });
  }

  private texts(): number[] {
    return this.types.flatMap((type, column) => (type.kind === 'varchar' ? [column] : []));
  }

  /** A rule about values that are there. It sees them in the plain form of their type; a text that is too long now may still be trimmed. */
  private test(rule: { rule: string; column: string }, compile: (type: ColumnType) => Test): void {
    const column = this.find(rule.column);
    const type = this.types[column]!;
    if (type.kind !== 'varchar') this.convert('type', column);
    const test = compile(type);
    this.push(rule.rule, column, (row) => row.start[column]! < 0 || test(row, column));
  }

  private default(column: number, value: string): void {
    const change = defaultTo(convertText(this.types[column]!, value)!);
    const run = (row: Row) => {
      if (row.start[column]! < 0) change(row, column);
      return true;
    };
    this.steps.push({ reason: { rule: 'default' }, run });
  }

  /** Equal values of the type have equal hashes. */
  private hash(column: number): void {
    this.convert('hash', column);
    this.change('hash', [this.names[column]!], hash);
    this.types[column] = parseType('varchar(64)');
  }

  private cast(column: number, type: ColumnType): void {
    this.types[column] = type;
    this.typed.delete(column);
    this.convert('cast', column);
  }

  private convert(rule: string, column: number): void {
    if (this.typed.has(column)) return;
    this.typed.add(column);
    const type = this.types[column]!;
    const convert = converter(type);
    // a text has no other fault, and this one may be for the run to fail by
    this.push(rule === 'type' && type.kind === 'varchar' ? OVERLONG : rule, column, (row) => row.start[column]! < 0 || convert(row, column));
  }

  private notNull(rule: string, column: number): void {
    this.push(rule, column, (row) => row.start[column]! >= 0);
  }

  private push(rule: string, column: number, run: (row: Row) => boolean): void {
    this.steps.push({ reason: { rule, column: this.columns[column]!.name }, run });
  }
}
