import { malformed, type S3, UnsupportedDefinitionError, unsupported } from '../../engine';
import { states } from './errors';

/** What else than the engine a definition needs and does not find, a sentence for each; none if it can run. */
export type Refusals = (definition: object) => readonly string[];

/** Throws unless the text is a definition that can run here. Everything that cannot is named at once. */
export function checkDefinition(text: string, refusals: Refusals, s3?: S3): void {
  const definition = parse(text);
  const broken = malformed(definition);
  const problems = broken.length > 0 ? broken : [...unsupported(definition, { s3 }), ...refusals(definition)];
  if (problems.length > 0) throw states.invalidDefinition(`SCHEMA_VALIDATION_FAILED: ${new UnsupportedDefinitionError(problems).message}`);
}

function parse(text: string): object {
  try {
    const definition: unknown = JSON.parse(text);
    if (typeof definition === 'object' && definition !== null && !Array.isArray(definition)) return definition;
  } catch (error) {
    throw states.invalidDefinition(`INVALID_JSON_DESCRIPTION: ${(error as Error).message}`);
  }
  throw states.invalidDefinition('INVALID_JSON_DESCRIPTION: the definition is not a JSON object');
}
