import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { readMarker, type StateMachineAsl } from '../asl';

/** The bucket of the first step of a definition that has one. */
export function bucketOfSteps(scope: IConstruct, asl: StateMachineAsl): IBucket | undefined {
  const markers = Object.values(asl.States).flatMap((state) => readMarker(state) ?? []);
  const path = markers.find(({ bucket }) => bucket !== undefined)?.path;
  const step = path?.split('/').reduce((at: IConstruct | undefined, id) => at?.node.tryFindChild(id), scope.node.root);
  return (step as { bucket?: IBucket } | undefined)?.bucket;
}
