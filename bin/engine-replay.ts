import { readFileSync } from 'node:fs';
import { parseRecordings } from '../lib/engine/replay/recording';
import { type Replay, replayAll } from '../lib/engine/replay/replay';

const USAGE = 'usage: npm run -s engine:replay -- FILE [--json]';

/** Replays a file of executions recorded on the service and tells how many come out the same. */
async function main(args: readonly string[]): Promise<void> {
  const files = args.filter((arg) => !arg.startsWith('--'));
  const unknown = args.filter((arg) => arg.startsWith('--') && arg !== '--json');
  if (files.length !== 1 || unknown.length > 0) throw new Error(USAGE);
  const result = await replayAll(parseRecordings(readFileSync(files[0]!, 'utf8')));
  console.log(args.includes('--json') ? JSON.stringify(result) : report(result));
}

function report({ total, outcome, events, failures }: Replay): string {
  const lines = failures.map(({ name, expected, got }) => `${name}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(got)}`);
  return [`${outcome} of ${total} end as recorded, ${events} of ${total} have the recorded events`, ...lines].join('\n');
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
