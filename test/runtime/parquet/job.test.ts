import { readFileSync } from 'node:fs';
import { SHIPPED_SCRIPT } from '../../../lib/local/glue';

const script = readFileSync('lib/runtime/parquet/job.py', 'utf8');

test('what is shipped is the script, byte for byte', () => {
  expect(readFileSync(SHIPPED_SCRIPT, 'utf8')).toBe(script);
});

test('the script imports only what a Glue job has at run time', () => {
  const imported = [...script.matchAll(/^(?:from (\w+)[\w.]* import|import (\w+))/gm)].map(([, from, name]) => (from ?? name)!);
  const standardLibrary = ['argparse', 'concurrent', 'json', 're', 'sys', 'urllib', 'uuid'];
  const ofGlue = ['boto3', 'botocore', 'py4j', 'pyspark'];
  expect(imported.filter((name) => ![...standardLibrary, ...ofGlue].includes(name))).toEqual([]);
});

test('the script takes the arguments of the contract', () => {
  const contract = readFileSync('lib/runtime/contract.ts', 'utf8');
  const args = /interface ParquetArguments \{(.*?)\n\}/s.exec(contract)![1]!;
  const names = (text: string) => [...text.matchAll(/'(--\w+)'/g)].map(([, name]) => name);
  expect(names(script.slice(script.indexOf('def main')))).toEqual(names(args));
});
