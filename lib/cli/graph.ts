import { mermaidOf } from '../asl/diagram';
import { withoutErrors } from '../asl/without-errors';
import { machinesOf } from './assembly';
import { type Command, UsageError } from './command';
import { parseFlags } from './flags';

const HELP = `npx cdk-data-pipeline graph [flags]

Prints a state machine as a Mermaid diagram: put it between \`\`\`mermaid and \`\`\` in a README.

  --app DIR        what 'cdk synth' wrote (default: cdk.out)
  --machine NAME   a part of Stack/LogicalId of the state machine, if there are several
  --no-errors      leaves out what only errors lead to
  --help           this text
`;

/** Renders one state machine of an app. */
export const graph: Command = {
  summary: 'prints a state machine as a Mermaid diagram',
  help: HELP,
  run: async ({ argv, stdout }) => {
    const flags = { app: { type: 'string' }, machine: { type: 'string' }, 'no-errors': { type: 'boolean' } } as const;
    const { app = 'cdk.out', machine, 'no-errors': usual } = parseFlags(argv, flags);
    const machines = machinesOf(app, machine);
    if (machines.length > 1) {
      const names = machines.map(({ stack, logicalId }) => `${stack}/${logicalId}`).join(', ');
      throw new UsageError(`a diagram is of one state machine; name one by --machine: ${names}`);
    }
    const { definition } = machines[0]!;
    stdout.write(`${mermaidOf(usual ? withoutErrors(definition) : definition)}\n`);
    return 0;
  },
};
