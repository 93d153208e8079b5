import { mermaidLabel, mermaidText } from './mermaid-text';
import type { StateMachineAsl } from './types';
import { type Edge, endsWell, type Scope, type Visit, walk } from './walk';

/** What a run made of one state. */
export interface StateMark {
  readonly name: string;
  /** The most tries of one visit. */
  readonly attempts: number;
  /** Whether its last try failed. */
  readonly failed: boolean;
}

const LABEL_LENGTH = 60;
const STYLES = [
  'classDef done fill:#d5f5e3,stroke:#1e8449',
  'classDef retried fill:#fcf3cf,stroke:#b7950b',
  'classDef failed fill:#fadbd8,stroke:#c0392b',
];

/**
 * A definition as a Mermaid state diagram. With what a run made of it: the states that it visited are colored, those that it tried
 * again say how often, and those that failed stand out.
 */
export function mermaidOf(definition: object, run: readonly StateMark[] = []): string {
  const { top, visits } = walk(definition as StateMachineAsl);
  const drawing = new Drawing(visits, run);
  const styles = run.length === 0 ? [] : [...STYLES, ...drawing.classes()];
  return ['stateDiagram-v2', ...[...drawing.scope(top), ...styles].map((line) => `  ${line}`)].join('\n');
}

/** State names have characters that ids may not have, and may come again in another state machine's diagram of the same page. */
class Drawing {
  private readonly ids: ReadonlyMap<string, string>;
  private readonly marks: ReadonlyMap<string, StateMark>;

  constructor(visits: readonly Visit[], run: readonly StateMark[]) {
    this.ids = new Map(visits.map(({ name }, index) => [name, `s${index + 1}`]));
    this.marks = new Map(run.map((mark) => [mark.name, mark]));
  }

  scope({ startAt, visits }: Scope): string[] {
    const states = [...visits.values()];
    return [...states.flatMap((visit) => this.state(visit)), `[*] --> ${this.id(startAt)}`, ...states.flatMap((visit) => this.ways(visit))];
  }

  classes(): string[] {
    return ['done', 'retried', 'failed'].flatMap((style) => {
      const ids = [...this.marks.values()].filter((mark) => styleOf(mark) === style && this.ids.has(mark.name)).map(({ name }) => this.id(name));
      return ids.length === 0 ? [] : [`class ${ids.join(',')} ${style}`];
    });
  }

  private state({ name, state, inner }: Visit): string[] {
    const mark = this.marks.get(name);
    const tried = mark === undefined || mark.attempts < 2 ? '' : ` (${mark.attempts} tries)`;
    const failed = mark?.failed ? ' FAILED' : '';
    const declared = `state "${mermaidText(name)}${tried}${failed}" as ${this.id(name)}`;
    if (inner.length === 0) return [declared];
    const lines = inner.flatMap((scope, index) => [...(index > 0 && state.Type === 'Parallel' ? ['--'] : []), ...this.scope(scope)]);
    return [`${declared} {`, ...lines.map((line) => `  ${line}`), '}'];
  }

  private ways({ name, state, edges }: Visit): string[] {
    const from = this.id(name);
    const ways = edges.map((edge) => `${from} --> ${this.id(edge.to)}${labelOf(edge)}`);
    return [...new Set([...ways, ...(endsWell(state) ? [`${from} --> [*]`] : [])])];
  }

  private id(name: string): string {
    return this.ids.get(name) ?? 'missing';
  }
}

function styleOf({ attempts, failed }: StateMark): 'done' | 'retried' | 'failed' {
  if (failed) return 'failed';
  return attempts > 1 ? 'retried' : 'done';
}

function labelOf({ kind, condition }: Edge): string {
  switch (kind) {
    case 'next':
      return '';
    case 'choice':
      return ` : ${conditionOf(String(condition))}`;
    default:
      return ` : ${kind === 'catch' ? 'error' : 'otherwise'}`;
  }
}

/** What decides about the way, short enough to be read beside an arrow. */
function conditionOf(condition: string): string {
  const text = condition
    .replace(/^\{%|%\}$/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return mermaidLabel(text.length > LABEL_LENGTH ? `${text.slice(0, LABEL_LENGTH - 1)}…` : text);
}
