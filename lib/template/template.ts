import { type Environment, KINDS, type Kind } from './physical';

/** A CloudFormation template as `cdk synth` writes it. */
export interface TemplateSource {
  readonly Resources?: Readonly<Record<string, ResourceSource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Type?: string; readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

interface ResourceSource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A resource of a template: its properties are plain values, references included. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** What `Ref` gives: a name for most types, an ARN or id for others. */
  readonly ref: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

type Intrinsic = (argument: unknown, where: string) => unknown;

/** A resource of a type that nobody knows. */
const INVENTED: Kind = { ref: ({ stack, logicalId }) => `${stack}-${logicalId}`, attributes: {} };

/** Marks a property or list element that `AWS::NoValue` takes out. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * A template with every reference answered as CloudFormation would answer it after a deployment: real-looking names, ids and ARNs,
 * the same each time. Values are resolved when asked for, so that a reference nobody needs may stay unknown.
 */
export class Template {
  private readonly functions: Readonly<Record<string, Intrinsic>> = {
    Ref: (id, where) => this.ref(String(id), where),
    'Fn::GetAtt': (argument, where) => this.attribute(argument, where),
    'Fn::Join': (argument, where) => {
      const [separator, parts] = this.list(argument, where, 2);
      return this.list(parts, where).join(String(separator));
    },
    'Fn::Sub': (argument, where) => this.substitute(argument, where),
    'Fn::Select': (argument, where) => {
      const [index, options] = this.list(argument, where, 2);
      const chosen = this.list(options, where)[Number(index)];
      return chosen ?? this.fail(where, `Fn::Select asks for element ${index}, the list has ${this.list(options, where).length}`);
    },
    'Fn::Split': (argument, where) => {
      const [separator, value] = this.list(argument, where, 2);
      return String(value).split(String(separator));
    },
    'Fn::If': (argument, where) => {
      const [name, then, otherwise] = argument as [string, unknown, unknown];
      return this.resolveOrNone(this.condition(name, where) ? then : otherwise, where);
    },
    'Fn::Equals': (argument, where) => {
      const [left, right] = this.list(argument, where, 2);
      return String(left) === String(right);
    },
    'Fn::And': (argument, where) => this.list(argument, where).every(Boolean),
    'Fn::Or': (argument, where) => this.list(argument, where).some(Boolean),
    'Fn::Not': (argument, where) => !this.list(argument, where, 1)[0],
    Condition: (name, where) => this.condition(String(name), where),
    'Fn::FindInMap': (argument, where) => {
      const [map, first, second] = this.list(argument, where).map(String) as [string, string, string];
      return this.source.Mappings?.[map]?.[first]?.[second] ?? this.fail(where, `mapping ${map}.${first}.${second} does not exist`);
    },
    'Fn::GetAZs': () => ['a', 'b', 'c'].map((zone) => `${this.environment.region}${zone}`),
    'Fn::Base64': (argument, where) => Buffer.from(String(this.resolve(argument, where))).toString('base64'),
  };

  private readonly open = new Set<string>();

  constructor(
    readonly stack: string,
    private readonly source: TemplateSource,
    private readonly environment: Environment,
    /** Whether what nobody knows an answer for is refused, or gets a made-up text that says where it comes from. */
    private readonly unknown: 'refuse' | 'invent' = 'refuse',
  ) {}

  /** The resources of a type, in template order, without those whose condition is false. */
  resources(type: string): Resource[] {
    return Object.entries(this.source.Resources ?? {})
      .filter(([logicalId, resource]) => resource.Type === type && this.isDeployed(resource, logicalId))
      .map(([logicalId]) => this.resource(logicalId));
  }

  /** What `Fn::GetAtt` gives for a resource of this template. */
  attributeOf(logicalId: string, attribute: string): string {
    return this.attribute([logicalId, attribute], logicalId) as string;
  }

  /** A value of the template with all its references answered. `where` names the place in messages. */
  resolve(value: unknown, where: string): unknown {
    const resolved = this.resolveOrNone(value, where);
    return resolved === NO_VALUE ? undefined : resolved;
  }

  private resource(logicalId: string): Resource {
    const { Type, Properties } = this.source.Resources![logicalId]!;
    const template = this;
    return {
      logicalId,
      type: Type,
      get ref() {
        return String(template.ref(logicalId, logicalId));
      },
      get properties() {
        return (template.resolve(Properties ?? {}, logicalId) ?? {}) as Record<string, unknown>;
      },
    };
  }

  private isDeployed(resource: ResourceSource, where: string): boolean {
    return resource.Condition === undefined || this.condition(resource.Condition, where);
  }

  private resolveOrNone(value: unknown, where: string): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolveOrNone(item, where)).filter((item) => item !== NO_VALUE);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [key, argument] = entries[0] ?? ['', undefined];
    if (entries.length === 1 && (key === 'Ref' || key.startsWith('Fn::') || (key === 'Condition' && typeof argument === 'string'))) {
      const answer = this.functions[key];
      if (answer !== undefined) return answer(argument, where);
      return (
        this.invented(key, JSON.stringify(argument)) ??
        this.fail(where, `${key} cannot be answered in a local run; keep the resource in the same stack`)
      );
    }
    return Object.fromEntries(entries.map(([name, item]) => [name, this.resolveOrNone(item, where)]).filter(([, item]) => item !== NO_VALUE));
  }

  private list(argument: unknown, where: string, length?: number): unknown[] {
    const items = this.resolve(argument, where);
    if (!Array.isArray(items)) return this.fail(where, `expected a list, got ${typeof items}`);
    if (length !== undefined && items.length !== length) return this.fail(where, `expected ${length} arguments, got ${items.length}`);
    return items;
  }

  private ref(id: string, where: string): unknown {
    const { account, region, partition } = this.environment;
    const pseudo: Record<string, unknown> = {
      'AWS::AccountId': account,
      'AWS::Region': region,
      'AWS::Partition': partition,
      'AWS::StackName': this.stack,
      'AWS::StackId': `arn:${partition}:cloudformation:${region}:${account}:stack/${this.stack}/00000000-0000-0000-0000-000000000000`,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::NotificationARNs': [],
      'AWS::NoValue': NO_VALUE,
    };
    if (id in pseudo) return pseudo[id];
    const parameter = this.source.Parameters?.[id];
    if (parameter) {
      return parameter.Default ?? this.invented(id) ?? this.fail(where, `parameter '${id}' has no default; give it one for the local run`);
    }
    return this.kind(id, where).ref(this.placed(id));
  }

  private attribute(argument: unknown, where: string): unknown {
    const [id, ...rest] = typeof argument === 'string' ? argument.split('.') : (argument as string[]);
    const name = rest.join('.');
    const kind = this.kind(id!, where);
    const attribute = kind.attributes[name];
    if (!attribute) {
      const made = this.invented(id!, name);
      if (made !== undefined) return made;
      const known = Object.keys(kind.attributes).join(', ') || 'none';
      return this.fail(
        where,
        `attribute '${name}' of '${id}' (${this.source.Resources![id!]!.Type}) is not known, known are: ${known}; add it in lib/template/physical.ts`,
      );
    }
    return attribute(this.placed(id!));
  }

  private kind(id: string, where: string) {
    const resource = this.source.Resources?.[id] ?? this.fail(where, `'${id}' is neither a resource nor a parameter of the template`);
    if (!this.isDeployed(resource, where)) return this.fail(where, `'${id}' is not deployed, its condition '${resource.Condition}' is false`);
    if (this.unknown === 'invent') return KINDS[resource.Type] ?? INVENTED;
    return (
      KINDS[resource.Type] ?? this.fail(where, `no local name is known for '${id}' (${resource.Type}); add the type in lib/template/physical.ts`)
    );
  }

  private placed(logicalId: string) {
    const properties = this.source.Resources![logicalId]!.Properties ?? {};
    return {
      environment: this.environment,
      stack: this.stack,
      logicalId,
      property: (name: string) => {
        const key = `${logicalId}.${name}`;
        if (this.open.has(key)) return this.fail(key, 'refers to itself');
        this.open.add(key);
        try {
          return this.resolve(properties[name], logicalId);
        } finally {
          this.open.delete(key);
        }
      },
    };
  }

  private substitute(argument: unknown, where: string): string {
    const [text, variables] = (typeof argument === 'string' ? [argument, {}] : argument) as [string, Record<string, unknown>];
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return String(this.resolve(variables[name], where));
      return String(name.includes('.') ? this.attribute(name, where) : this.ref(name, where));
    });
  }

  private condition(name: string, where: string): boolean {
    const condition = this.source.Conditions?.[name] ?? this.fail(where, `condition '${name}' does not exist`);
    return Boolean(this.resolve(condition, where));
  }

  private invented(...names: string[]): string | undefined {
    return this.unknown === 'invent' ? [this.stack, ...names].join('-') : undefined;
  }

  private fail(where: string, problem: string): never {
    throw new Error(`stack '${this.stack}', ${where}: ${problem}`);
  }
}
