// Bundles the handlers, compiles the library with jsii into build/ and .jsii, puts the command line into one file, and writes API.md.
import { spawnSync } from 'node:child_process';
import { buildSync } from 'esbuild';

// jsii prints a banner on Node versions that are past their end of life; what it makes is the same.
const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: process.versions.node.split('.')[0] };

for (const [command, ...args] of [
  ['node', 'scripts/bundle.mjs'],
  // The development version of a peer is the newest one, not the floor of its range.
  ['jsii', '--silence-warnings=missing-dev-dependency'],
  ['jsii-docgen', '-o', 'API.md'],
]) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', env, shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}

buildSync({
  entryPoints: ['bin/cli.ts'],
  outfile: 'build/cli.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
});
