import { join } from 'node:path';
import { demo } from '../lib/local/demo/main';

// The first Ctrl-C ends the run as a stopped execution and lets every server end; a second one does not wait.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
}

demo({
  root: join(__dirname, '..'),
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  color: Boolean(process.stdout.isTTY) && process.env.NO_COLOR === undefined,
  abort: stop.signal,
}).then((code) => {
  process.exitCode = code;
});
