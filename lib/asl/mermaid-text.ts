/**
 * Text that Mermaid shows as it is: what would end it, or begin a comment, a directive, a tag, a list or another statement, is written as an entity code
 * such as `#35;`. Quotation marks become apostrophes, white space becomes blanks.
 */
export function mermaidText(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replaceAll('"', "'")
    .replace(/#|%(?=%)|<(?=[a-z/!?<])|\[(?=\[)/gi, entity)
    .replace(/^(\d+)([.)])(?= )/, (_, number: string, mark: string) => number + entity(mark))
    .replace(/^[-+*](?= )/, entity)
    .replace(/\bdirection (?=tb|bt|rl|lr)/gi, (word) => `${word.trimEnd()}#32;`);
}

/** As {@link mermaidText}, for the label of an arrow, which ends at a colon or semicolon. */
export function mermaidLabel(text: string): string {
  return mermaidText(text).replace(/(#\d+;)|[:;]/g, (found, code?: string) => code ?? entity(found));
}

function entity(character: string): string {
  return `#${character.charCodeAt(0)};`;
}
