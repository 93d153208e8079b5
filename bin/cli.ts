#!/usr/bin/env node
import { main } from '../lib/cli/main';

main({ argv: process.argv.slice(2), stdout: process.stdout, stderr: process.stderr }).then((code) => {
  process.exitCode = code;
});
