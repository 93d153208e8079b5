import { AwsError } from './error';

/** A piece of XML to write: text, or elements by name; an array repeats its element, undefined leaves it out. */
export type Xml = string | number | boolean | undefined | readonly Xml[] | { readonly [name: string]: Xml };

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const encodeText = (text: string): string =>
  Array.from(text, (char) => ENTITIES[char] ?? (char < ' ' ? `&#x${char.charCodeAt(0).toString(16)};` : char)).join('');

function element(name: string, content: Xml): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return content.map((item) => element(name, item)).join('');
  return `<${name}>${render(content)}</${name}>`;
}

function render(content: Xml): string {
  if (content === undefined) return '';
  if (typeof content !== 'object') return encodeText(String(content));
  if (Array.isArray(content)) return content.map(render).join('');
  return Object.entries(content)
    .map(([name, value]) => element(name, value))
    .join('');
}

/** Writes an XML document with one root element. */
export function writeXml(root: string, content: Xml, namespace?: string): string {
  const opening = namespace === undefined ? root : `${root} xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${opening}>${render(content)}</${root}>`;
}

/** An element as read: its children by name in order, or its text. */
export interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

const malformed = (): AwsError => new AwsError('MalformedXML', 'the XML in the request is not well-formed or not what the operation takes');

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decodeText = (text: string): string =>
  text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (_, entity: string) => {
    if (entity.startsWith('#x')) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
    if (entity.startsWith('#')) return String.fromCodePoint(Number(entity.slice(1)));
    const char = NAMED[entity];
    if (char === undefined) throw malformed();
    return char;
  });

/** Reads the elements and text of a small XML document, as SDKs write them: no CDATA, no DTD, attributes are skipped. */
export function readXml(text: string): Element {
  const document: Element = { name: '', children: [], text: '' };
  const open = [document];
  for (const [, raw, declaration, closing, name, empty] of text.matchAll(/([^<]+)|<(?:([?!][^>]*)|(\/?)([\w:.-]+)[^>]*?(\/?))>/g)) {
    const current = open.at(-1)!;
    if (raw !== undefined) current.text += decodeText(raw);
    else if (declaration !== undefined) continue;
    else if (closing) {
      if (current.name !== name || open.length === 1) throw malformed();
      open.pop();
    } else {
      const child: Element = { name: name!, children: [], text: '' };
      current.children.push(child);
      if (!empty) open.push(child);
    }
  }
  if (open.length !== 1 || document.children.length !== 1) throw malformed();
  return document.children[0]!;
}

/** The text of the first child of that name. */
export const childText = (parent: Element, name: string): string | undefined => parent.children.find((child) => child.name === name)?.text;
