// Makes what the constructs ship into AWS: one file per Lambda function, and the Glue script. Run by `npm ci` through `prepare`, and before
// tests and demo, so that they never meet an old one.
import { cpSync, mkdirSync } from 'node:fs';
import { build } from 'esbuild';

await Promise.all(
  ['extract', 'clean'].map((name) =>
    build({
      entryPoints: [`lib/runtime/${name}/index.ts`],
      outfile: `assets/lambda/${name}/index.js`,
      bundle: true,
      platform: 'node',
      target: 'node22',
      format: 'cjs',
      minify: true,
      external: ['pg-native'],
      legalComments: 'none',
      logLevel: 'warning',
    }),
  ),
);
mkdirSync('assets/glue', { recursive: true });
cpSync('lib/runtime/parquet/job.py', 'assets/glue/parquet.py');
