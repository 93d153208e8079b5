import type { Resource } from './template';

type Properties = Readonly<Record<string, unknown>>;

/** How an event becomes the text a target gets. */
export interface InputTransformer {
  readonly InputPathsMap?: Readonly<Record<string, string>>;
  readonly InputTemplate: string;
}

/** Where a rule sends the events it matches. */
export interface RuleTarget {
  readonly arn: string;
  readonly input?: string;
  readonly inputPath?: string;
  readonly inputTransformer?: InputTransformer;
}

/** An EventBridge rule on the default bus that listens to events. */
export interface DeployedRule {
  readonly logicalId: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly targets: readonly RuleTarget[];
}

/** The rule that a resource makes; none if it is disabled or listens to no event. */
export function readRule({ logicalId, properties }: Resource): DeployedRule[] {
  if (properties.State === 'DISABLED' || properties.EventPattern === undefined) return [];
  const targets = (properties.Targets ?? []) as readonly Properties[];
  return [
    {
      logicalId,
      pattern: properties.EventPattern as Properties,
      targets: targets.map((target) => ({
        arn: String(target.Arn),
        input: target.Input as string | undefined,
        inputPath: target.InputPath as string | undefined,
        inputTransformer: target.InputTransformer as InputTransformer | undefined,
      })),
    },
  ];
}
