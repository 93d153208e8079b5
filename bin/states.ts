import { join } from 'node:path';
import { serveStates } from '../lib/local/states/main';

// The first Ctrl-C stops what runs and lets every server end; a second one does not wait.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
}

serveStates({
  root: join(__dirname, '..'),
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  abort: stop.signal,
}).then((code) => {
  process.exitCode = code;
});
