import type { RuleTarget } from '../template/rules';

type Event = Readonly<Record<string, unknown>>;

/** The text that a rule's target gets for an event: the target's constant, the part it asks for, its filled template, or the whole event. */
export function targetInput(target: RuleTarget, event: Event): string {
  if (target.input !== undefined) return target.input;
  if (target.inputPath !== undefined) return JSON.stringify(at(target.inputPath, event));
  if (target.inputTransformer === undefined) return JSON.stringify(event);
  const { InputPathsMap: paths = {}, InputTemplate: template } = target.inputTransformer;
  return fillIn(template, (name) => {
    const path = paths[name];
    if (path === undefined)
      throw new Error(`input template: '<${name}>' is not in InputPathsMap, which has: ${Object.keys(paths).join(', ') || 'nothing'}`);
    return at(path, event);
  });
}

/** Replaces `<name>`: within a JSON string by the escaped text, outside by the JSON value. A path that leads nowhere gives an empty text. */
function fillIn(template: string, lookUp: (name: string) => unknown): string {
  let quoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/gs, (token, name: string | undefined) => {
    if (token === '"') quoted = !quoted;
    if (name === undefined) return token;
    const value = lookUp(name) ?? '';
    if (!quoted) return JSON.stringify(value);
    return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
  });
}

/** The value at a path such as `$.detail.name` or `$.resources[0]`. */
function at(path: string, event: Event): unknown {
  if (!/^\$(\.[\w-]+|\[\d+\])*$/.test(path)) throw new Error(`input path '${path}' is not emulated; use the form $.detail.name or $.resources[0]`);
  const keys = path.match(/[\w-]+/g) ?? [];
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], event);
}
