// npm run -s test:property -- [--cases N] [--seed S] [--path P] [--shrink]
// Random tables of every type through the whole pipeline. A failure prints its seed and the command that repeats it; --shrink looks for a smaller one.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { cases: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' }, shrink: { type: 'boolean' } },
});
for (const name of ['cases', 'seed']) {
  if (values[name] !== undefined && !/^-?\d+$/.test(values[name])) throw new Error(`--${name} takes a whole number, got '${values[name]}'`);
}
const run = (command, ...args) => {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: {
      ...process.env,
      PROPERTY_CASES: values.cases ?? '1000',
      ...(values.seed !== undefined && { PROPERTY_SEED: values.seed }),
      ...(values.path !== undefined && { PROPERTY_PATH: values.path }),
      ...(values.shrink && { PROPERTY_SHRINK: 'true' }),
    },
  });
  if (status !== 0) process.exit(status ?? 1);
};
run('node', 'scripts/bundle.mjs');
run('npx', 'jest', '--ci', '--config', 'jest.property.config.js');
