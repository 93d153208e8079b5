import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** What a user of the library has: its peers, and what it bundles. */
const INSTALLED = /^(node:|aws-cdk-lib($|\/)|constructs$|jsonata$)/;

test.each(['index.ts', 'testing/index.ts', 'testing/jest/setup.ts', 'cli/main.ts'])(
  '%s needs nothing that is not installed with the library',
  (entry) => {
    const entryPoints = [join(__dirname, '..', 'lib', entry)];
    const { metafile } = buildSync({
      entryPoints,
      bundle: true,
      platform: 'node',
      packages: 'external',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    const needed = Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
      imports.filter(({ external, path }) => external && !INSTALLED.test(path)).map(({ path }) => `${file}: ${path}`),
    );
    expect(needed).toEqual([]);
  },
);
