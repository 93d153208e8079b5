import { concat, jsonata, literal } from './jsonata';

/** A statement that the machine fills in: texts and JSONata expressions by turns, starting with a text. */
export function sql(...parts: string[]): string {
  return jsonata(concat(...parts.map((part, index) => (index % 2 === 0 ? literal(part) : part))));
}
