import { type Command, type CommandProcess, UsageError } from './command';
import { cost } from './cost/command';
import { graph } from './graph';

const COMMANDS: Readonly<Record<string, Command>> = { cost, graph };

/** Runs the command line and answers the exit code: 0, 1 if the command failed, 2 for a wrong command line. */
export async function main(process: CommandProcess): Promise<number> {
  const [name = '--help', ...argv] = process.argv;
  try {
    if (name === '--help' || name === '-h') return say(process, HELP);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]! : undefined;
    if (command === undefined) throw new UsageError(`there is no command '${name}'; there are ${Object.keys(COMMANDS).join(' and ')}`);
    if (argv.includes('--help') || argv.includes('-h')) return say(process, command.help);
    return await command.run({ ...process, argv });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

const HELP = `npx cdk-data-pipeline COMMAND [flags]

Looks at the state machines of an app that 'cdk synth' wrote. Nothing is called.

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

COMMAND --help lists its flags.
`;

function say({ stdout }: CommandProcess, text: string): number {
  stdout.write(text);
  return 0;
}
