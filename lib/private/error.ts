import type { IConstruct } from 'constructs';

/** A mistake in a user's props, with the path of the construct that found it. */
export class PipelineError extends Error {
  constructor(message: string, scope: IConstruct) {
    super(`[${scope.node.path}] ${message}`);
    this.name = 'PipelineError';
  }
}
