import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { TaskHandler } from '../../../lib/engine';
import { startAws } from '../../../lib/local/aws';
import { type LocalStates, type LocalStatesOptions, startStates } from '../../../lib/local/states';
import { sdkDefaults } from '../aws/support';

export const ROLE = 'arn:aws:iam::000000000000:role/orders';
export const ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders';

/** A JSONata machine of these states, the first of which is its start, as its definition is sent. */
export function definition(states: Record<string, object>, fields: object = {}): string {
  return JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...fields });
}

export const pass = (fields: object = {}) => ({ Type: 'Pass', End: true, ...fields });
export const wait = (Seconds = 3600) => ({ Type: 'Wait', Seconds, End: true });
export const task = (fields: object = {}) => ({ Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true, ...fields });

export interface TestStates extends LocalStates {
  readonly root: string;
  readonly url: string;
  readonly sfn: SFNClient;
  /** A request as it is, signed for the service; no client checks it. */
  post(operation: string, body: string): Promise<{ readonly status: number; readonly type: string | null; readonly body: Record<string, unknown> }>;
}

/** Step Functions on a port of its own and an SDK client with its defaults. Closing it removes the folder, unless it was given. */
export async function startTestStates(options: Partial<LocalStatesOptions> & { tasks?: TaskHandler } = {}): Promise<TestStates> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'states-'));
  const aws = await startAws({ root });
  const states = startStates({ tasks: async () => null, ...options, root });
  aws.mount('states', states.service);
  const sfn = new SFNClient(sdkDefaults(aws.url));
  return {
    ...states,
    root,
    url: aws.url,
    sfn,
    post: async (operation, body) => {
      const authorization = 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=local';
      const headers = { authorization, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` };
      const response = await fetch(aws.url, { method: 'POST', headers, body });
      return { status: response.status, type: response.headers.get('content-type'), body: (await response.json()) as Record<string, unknown> };
    },
    close: async () => {
      sfn.destroy();
      await states.close();
      await aws.close();
      if (options.root === undefined) rmSync(root, { recursive: true, force: true });
    },
  };
}
