import { integrationOf } from '../../asl/steps';
import type { TaskRequest } from '../../engine';
import { readCheckpoint, writeCheckpoint } from './checkpoint';
import { changeExtractItem, describeHolder, readExtractItem } from './extract-item';
import { getDatasetObject, runParquetJob } from './glue';
import { invokeOwn } from './lambda';
import { cancel, describe, submit } from './redshift';
import { publicationOf } from './sns';
import type { World } from './world';

/** Answers a call as its service would; undefined if it does not know how. */
type Answer = (world: World, request: TaskRequest) => unknown;

const ANSWERS: Readonly<Record<string, Answer>> = {
  'lambda:invoke': invokeOwn,
  'glue:startJobRun.sync': runParquetJob,
  'aws-sdk:s3:getObject': (world, request) => getDatasetObject(world, request) ?? readCheckpoint(world, request),
  'aws-sdk:s3:putObject': writeCheckpoint,
  'aws-sdk:sfn:describeExecution': describeHolder,
  'aws-sdk:redshiftdata:batchExecuteStatement': submit,
  'aws-sdk:redshiftdata:describeStatement': describe,
  'aws-sdk:redshiftdata:cancelStatement': cancel,
  'dynamodb:getItem': readExtractItem,
  'dynamodb:updateItem': changeExtractItem,
  'sns:publish': (_, request) => publicationOf(request) && { MessageId: '00000000-0000-0000-0000-000000000000' },
};

/**
 * What the services behind the library's own steps answer. It holds what a step sends against the contract and refuses what does not fit, as the
 * deployed code would. Undefined for anything else, which only the user knows the answer to.
 */
export function ownAnswer(world: World, request: TaskRequest): unknown {
  return ANSWERS[integrationOf(request.resource)]?.(world, request);
}
