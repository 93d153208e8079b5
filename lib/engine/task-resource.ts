/** What the Resource of a Task asks for, as the history and the service integrations name it. */
export type TaskResource =
  | { readonly kind: 'lambda' }
  /** `arn:aws:states:::glue:startJobRun.sync` has the type `glue` and the action `startJobRun.sync`. */
  | { readonly kind: 'service'; readonly type: string; readonly action: string; readonly pattern: 'request' | 'sync' | 'callback' };

const LAMBDA = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:.+$/;
const SERVICE = /^arn:[^:]+:states:[^:]*:[^:]*:((?:aws-sdk:)?[a-zA-Z0-9-]+):([a-zA-Z0-9]+(\.sync(?::2)?|\.waitForTaskToken)?)$/;

/** Reads the Resource of a Task; undefined when it is neither a Lambda function nor a service integration. */
export function parseResource(arn: string): TaskResource | undefined {
  if (LAMBDA.test(arn)) return { kind: 'lambda' };
  const [, type, action, suffix] = SERVICE.exec(arn) ?? [];
  if (type === undefined || action === undefined || type === 'activity') return undefined;
  const pattern = suffix === undefined ? 'request' : suffix === '.waitForTaskToken' ? 'callback' : 'sync';
  return { kind: 'service', type, action, pattern };
}
