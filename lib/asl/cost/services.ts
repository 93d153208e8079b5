import { serviceCall } from '../polled-services';
import { stepOf } from '../steps';
import type { State } from '../types';
import type { Assumptions } from './assumptions';
import type { PriceName } from './prices';
import { DEFAULT_SECONDS } from './turns';

/** What one try of a task uses of a service, by what it is billed by. */
export type Usage = Readonly<Partial<Record<PriceName, number>>>;

/** A Lambda function, or anything of which nothing is known, takes so long. */
const DEFAULT_TASK_SECONDS = 10;
/** Glue and Redshift Serverless bill at least so much. */
const LEAST_SECONDS = 60;

/** What one try of a task uses; nothing for calls that are free, or that nobody knows a price of. */
export function usageOf(name: string, state: State, assumptions: Assumptions): Usage {
  const call = serviceCall(state);
  const seconds = (otherwise: number) => assumptions.seconds?.[name] ?? assumptions.seconds?.[stepOf(name)] ?? otherwise;
  const size = assumptions.sizes?.[name] ?? {};
  if (call === undefined) return /:lambda:/.test(state.Resource ?? '') ? lambda(seconds(DEFAULT_TASK_SECONDS), size.memoryMb) : {};
  const { service, action } = call;
  switch (service) {
    case 'lambda':
      return lambda(seconds(DEFAULT_TASK_SECONDS), size.memoryMb);
    case 'glue':
      return action === 'startJobRun' ? { glueDpuHour: ((size.dpus ?? 2) * Math.max(LEAST_SECONDS, seconds(DEFAULT_SECONDS))) / 3600 } : {};
    case 'redshiftdata':
      return /^(batchE|e)xecuteStatement$/.test(action) && isServerless(state)
        ? { redshiftRpuHour: ((size.rpus ?? 8) * Math.max(LEAST_SECONDS, seconds(DEFAULT_SECONDS))) / 3600 }
        : {};
    case 'ecs':
      return action === 'runTask'
        ? {
            fargateVcpuHour: ((size.vcpus ?? 1) * seconds(DEFAULT_SECONDS)) / 3600,
            fargateGbHour: ((size.gigabytes ?? 2) * seconds(DEFAULT_SECONDS)) / 3600,
          }
        : {};
    case 's3':
      return /^(put|copy|list|create|complete)/.test(action) ? { s3Write: 1 } : { s3Read: 1 };
    case 'sns':
      return { snsPublish: 1 };
    case 'sqs':
      return { sqsRequest: 1 };
    case 'dynamodb':
      return /^(get|query|scan)/i.test(action) ? { dynamodbRead: 1 } : { dynamodbWrite: 1 };
    case 'events':
      return { eventBridgeEvent: 1 };
    default:
      return {};
  }
}

function lambda(seconds: number, memoryMb = 1024): Usage {
  return { lambdaRequest: 1, lambdaGbSecond: (seconds * memoryMb) / 1024 };
}

function isServerless({ Arguments }: State): boolean {
  return 'WorkgroupName' in ((Arguments ?? {}) as object);
}
