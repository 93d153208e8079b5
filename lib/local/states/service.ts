import { AwsError, asAwsError } from '../aws/error';
import { readText, type Service, sendJson, sendJsonError } from '../aws/http';
import type { Operation } from './operation';

/** Answers requests of the AWS JSON 1.0 protocol, whose target is `AWSStepFunctions.<operation>`. `folder` is named when the disk is the problem. */
export function statesService(operations: Readonly<Record<string, Operation>>, folder: string): Service {
  return async (message, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    try {
      const text = await readText(message);
      sendJson(response, await operationOf(operations, String(message.headers['x-amz-target'] ?? ''))(text));
    } catch (error) {
      sendJsonError(response, asAwsError(error, folder));
    }
  };
}

function operationOf(operations: Readonly<Record<string, Operation>>, target: string): Operation {
  const [, name = ''] = /^AWSStepFunctions\.(\w+)$/.exec(target) ?? [];
  if (Object.hasOwn(operations, name)) return operations[name]!;
  const known = Object.keys(operations).join(', ');
  throw new AwsError('UnknownOperationException', `the local endpoint has no operation '${name || target}'; it has: ${known}`);
}
