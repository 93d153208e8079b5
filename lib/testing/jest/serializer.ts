import { formatAsl } from '../format-asl';
import { renderDefinition } from '../render-definition';

type Json = Readonly<Record<string, unknown>>;

/**
 * Writes definitions and templates into snapshots so that people can read them: in the order of the flow, state machines inside a template as what they
 * are, and asset hashes as numbers, in the order in which they appear: a snapshot changes when another asset is used, not when its code changes.
 */
export const serializer = {
  test(value: unknown): boolean {
    return isDefinition(value) || isTemplate(value);
  },
  serialize(value: unknown): string {
    return numbered(formatAsl(isTemplate(value) ? readable(value) : value));
  },
};

function isDefinition(value: unknown): value is Json {
  return isObject(value) && typeof value.StartAt === 'string' && isObject(value.States);
}

function isTemplate(value: unknown): value is Json {
  return (
    isObject(value) &&
    isObject(value.Resources) &&
    Object.values(value.Resources).every((resource) => isObject(resource) && typeof resource.Type === 'string')
  );
}

function readable(template: Json): Json {
  const resources = Object.entries(template.Resources as Record<string, Json>).map(([id, resource]) => [id, withDefinition(resource)]);
  return { ...template, Resources: Object.fromEntries(resources) };
}

function withDefinition(resource: Json): Json {
  const { DefinitionString, ...properties } = (resource.Properties ?? {}) as Json;
  if (resource.Type !== 'AWS::StepFunctions::StateMachine' || DefinitionString === undefined) return resource;
  return { ...resource, Properties: { ...properties, DefinitionString: renderDefinition(DefinitionString) } };
}

/** The hash of an asset is 64 hexadecimal digits. */
function numbered(text: string): string {
  const hashes = new Map<string, number>();
  return text.replace(/\b[0-9a-f]{64}\b/g, (hash) => {
    if (!hashes.has(hash)) hashes.set(hash, hashes.size + 1);
    return `<asset ${hashes.get(hash)}>`;
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
