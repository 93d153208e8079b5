// Makes what the constructs ship into AWS: one file per Lambda function, and the Glue script. Run by `npm ci` through `prepare`.
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { build } from 'esbuild';

const handlers = ['extract', 'clean'].filter((name) => existsSync(`lib/runtime/${name}/index.ts`));
await Promise.all(
  handlers.map((name) =>
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
if (existsSync('lib/runtime/parquet/job.py')) {
  mkdirSync('assets/glue', { recursive: true });
  cpSync('lib/runtime/parquet/job.py', 'assets/glue/parquet.py');
}
console.log(`bundled ${handlers.join(', ')}`);
