import { type CheckOptions, check, type Marker, mark, type RetrySpec, type State, type StateMachineAsl, type States } from '../../lib/asl';

export const TWICE: RetrySpec = {
  maxAttempts: 2,
  intervalSeconds: 20,
  backoffRate: 2,
  maxDelaySeconds: 300,
  jitter: true,
  permanentErrors: ['InvalidInput'],
};
export const NEVER: RetrySpec = { ...TWICE, maxAttempts: 0 };

/** The retriers that `TWICE` gives a task. */
export const RETRIED = [
  { ErrorEquals: ['InvalidInput'], MaxAttempts: 0 },
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 20, MaxAttempts: 2, BackoffRate: 2, MaxDelaySeconds: 300, JitterStrategy: 'FULL' },
];

/** CDK's, with the fields in its order. */
export const HIDDEN = {
  ErrorEquals: ['Lambda.ClientExecutionTimeoutException', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException'],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
};

export const ALERT = {
  startAt: 'Alert',
  states: {
    Alert: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Arguments: { Message: '{% $failure.Error %}' }, Next: 'Alerted' },
    Alerted: { Type: 'Fail', Error: '{% $failure.Error %}', Cause: "{% '[alerted] ' & $failure.Cause %}" },
  },
};

type Fields = Partial<State>;

export const task = (fields: Fields = {}): State => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', ...fields });
export const sdk = (call: string, fields: Fields = {}): State => task({ Resource: `arn:aws:states:::aws-sdk:${call}`, ...fields });
export const pass = (fields: Fields = {}): State => ({ Type: 'Pass', ...fields });
export const wait = (fields: Fields = {}): State => ({ Type: 'Wait', Seconds: 1, ...fields });
export const succeed = (fields: Fields = {}): State => ({ Type: 'Succeed', ...fields });
export const fail = (error = 'Broken', fields: Fields = {}): State => ({ Type: 'Fail', Error: error, ...fields });
export const parallel = (branches: Record<string, State>[], fields: Fields = {}): State => ({
  Type: 'Parallel',
  Branches: branches.map(inOrder),
  ...fields,
});
export const map = (states: Record<string, State>, fields: Fields = {}): State => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...inOrder(states) },
  ...fields,
});
export const distributed = (states: Record<string, State>, fields: Fields = {}): State => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...inOrder(states) },
  ...fields,
});

/** `choice({ "$x = 1": 'A' }, 'B')` */
export const choice = (rules: Record<string, string>, otherwise?: string, fields: Fields = {}): State => ({
  Type: 'Choice',
  Choices: Object.entries(rules).map(([condition, Next]) => ({ Condition: `{% ${condition} %}`, Next })),
  ...(otherwise && { Default: otherwise }),
  ...fields,
});

export const assign = (...names: string[]): State => pass({ Assign: Object.fromEntries(names.map((name) => [name, 1])) });
export const catching = (Next: string, ...errors: string[]) => ({ Catch: [{ ErrorEquals: errors.length > 0 ? errors : ['States.ALL'], Next }] });

/** States that follow each other, unless they say where to go. */
export function inOrder(states: Record<string, State>): States {
  const names = Object.keys(states);
  const leads = (state: State) => state.Next !== undefined || state.End || ['Choice', 'Succeed', 'Fail'].includes(state.Type);
  const joined = names.map((name, index) => {
    const state = states[name]!;
    const next = names[index + 1];
    return [name, leads(state) ? state : { ...state, ...(next === undefined ? { End: true } : { Next: next }) }];
  });
  return { StartAt: names[0]!, States: Object.fromEntries(joined) };
}

export function machine(states: Record<string, State>): StateMachineAsl {
  return { QueryLanguage: 'JSONata', ...inOrder(states) };
}

/** Marker of a step, the path derived from its name. */
export function step(name: string, fields: Partial<Marker> = {}): { Comment: string } {
  return { Comment: mark({ path: `App/${name}`, step: name, ...fields }) };
}

/** Messages of one rule, as `state: message`. */
export function broken(rule: string, asl: StateMachineAsl, options: Partial<CheckOptions> = {}): string[] {
  return check(asl, { retry: TWICE, ...options })
    .filter((violation) => violation.rule === rule)
    .map(({ severity, state, message }) => `${severity} ${state}: ${message}`);
}
