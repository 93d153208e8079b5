import { states } from './errors';

/** Where the ARNs of an endpoint lie. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

/** White space, brackets, wildcards, special and control characters, surrogates alone or in pairs, and what is no character. */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\ufffe\uffff\u{10000}-\u{10ffff}]/u;

/** Throws for a name that neither a state machine nor an execution may have. Its length is checked before. */
export function checkName(name: string): void {
  if (FORBIDDEN.test(name)) throw states.invalidName(name);
}

/** The ARN of a state machine. */
export const machineArn = ({ region, account }: Place, name: string): string => `arn:aws:states:${region}:${account}:stateMachine:${name}`;

/** The ARN of an execution of a state machine. */
export const executionArn = (machine: string, name: string): string => `${machine.replace(':stateMachine:', ':execution:')}:${name}`;

/** Throws for what is no ARN of that kind. That a resource of that name exists is for others to find out. */
export function checkArn(arn: string, kind: 'stateMachine' | 'execution'): void {
  if (!arn.startsWith('arn:')) throw states.invalidArn(`Invalid ARN prefix: ${arn}`);
  const [, service, found = ''] = /^arn:[^:]+:([^:]*):[^:]*:[^:]*:([^:]+):./.exec(arn) ?? [];
  if (service !== 'states') throw states.invalidArn(`Invalid ARN: ${arn}`);
  if (found !== kind) throw states.invalidArn(`Resource type not valid in this context: ${found}`);
}
