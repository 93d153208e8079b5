/** The fields of the Amazon States Language that this engine implements. What is not here is refused. */
type Fields = Readonly<Record<string, 'required' | 'optional'>>;

const COMMON: Fields = { Type: 'required', Comment: 'optional', QueryLanguage: 'optional' };
const EFFECTS: Fields = { Assign: 'optional', Output: 'optional' };
const FLOW: Fields = { ...COMMON, ...EFFECTS, Next: 'optional', End: 'optional' };
const RECOVERY: Fields = { Retry: 'optional', Catch: 'optional' };

export const STATE_FIELDS: Readonly<Record<string, Fields>> = {
  Pass: FLOW,
  Wait: { ...FLOW, Seconds: 'optional', Timestamp: 'optional' },
  Choice: { ...COMMON, ...EFFECTS, Choices: 'required', Default: 'optional' },
  Succeed: { ...COMMON, Output: 'optional' },
  Fail: { ...COMMON, Error: 'optional', Cause: 'optional' },
  Task: {
    ...FLOW,
    ...RECOVERY,
    Resource: 'required',
    Arguments: 'optional',
    Credentials: 'optional',
    TimeoutSeconds: 'optional',
    HeartbeatSeconds: 'optional',
  },
  Parallel: { ...FLOW, ...RECOVERY, Branches: 'required', Arguments: 'optional' },
  Map: {
    ...FLOW,
    ...RECOVERY,
    ItemProcessor: 'required',
    Items: 'optional',
    ItemSelector: 'optional',
    ItemReader: 'optional',
    ItemBatcher: 'optional',
    ResultWriter: 'optional',
    Label: 'optional',
    MaxConcurrency: 'optional',
    ToleratedFailureCount: 'optional',
    ToleratedFailurePercentage: 'optional',
  },
};

/** What only a Distributed Map may have. */
export const DISTRIBUTED_FIELDS = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'] as const;

/** What a state may have when its query language is JSONPath: nothing that would query, so that the language makes no difference. */
export const PLAIN_FIELDS: Readonly<Record<string, Fields>> = {
  Pass: { ...COMMON, Next: 'optional', End: 'optional' },
  Wait: { ...COMMON, Next: 'optional', End: 'optional', Seconds: 'required' },
  Succeed: COMMON,
  Fail: { ...COMMON, Error: 'optional', Cause: 'optional' },
};

/** StartAt and States are looked at more closely elsewhere. */
export const MACHINE_FIELDS: Fields = {
  StartAt: 'optional',
  States: 'optional',
  Comment: 'optional',
  Version: 'optional',
  QueryLanguage: 'optional',
  TimeoutSeconds: 'optional',
};
export const BRANCH_FIELDS: Fields = { StartAt: 'optional', States: 'optional', Comment: 'optional' };
export const PROCESSOR_FIELDS: Fields = { ...BRANCH_FIELDS, ProcessorConfig: 'optional' };
export const PROCESSOR_CONFIG_FIELDS: Fields = { Mode: 'optional' };
export const RULE_FIELDS: Fields = { Condition: 'required', Next: 'required', Comment: 'optional', ...EFFECTS };
export const CATCHER_FIELDS: Fields = { ErrorEquals: 'required', Next: 'required', Comment: 'optional', ...EFFECTS };
export const RETRIER_FIELDS: Fields = {
  ErrorEquals: 'required',
  IntervalSeconds: 'optional',
  MaxAttempts: 'optional',
  BackoffRate: 'optional',
  MaxDelaySeconds: 'optional',
  JitterStrategy: 'optional',
  Comment: 'optional',
};

/** The fields of an object that are not implemented, and those it lacks. */
export function fieldProblems(object: Readonly<Record<string, unknown>>, fields: Fields): string[] {
  const present = Object.keys(object).filter((field) => object[field] !== undefined);
  return [
    ...present.filter((field) => !(field in fields)).map((field) => `field '${field}' is not implemented`),
    ...Object.keys(fields)
      .filter((field) => fields[field] === 'required' && !present.includes(field))
      .map((field) => `field '${field}' is missing`),
  ];
}
