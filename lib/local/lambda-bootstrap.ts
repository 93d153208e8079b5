/**
 * What a child process runs: it loads the handler as Lambda's runtime does and answers one invocation at a time. Plain JavaScript as text,
 * given to `node -e`, because it must run as it is from sources, from the compiled package and from the bundled command line alike.
 */
export const BOOTSTRAP = `
'use strict';
const path = require('node:path');
const { existsSync } = require('node:fs');
const { pathToFileURL } = require('node:url');
const { Worker } = require('node:worker_threads');

const root = process.env.LAMBDA_TASK_ROOT;
const send = (message, then) => { if (process.connected) process.send(message, then); };
const die = () => process.kill(process.pid, 'SIGKILL');

// The parent's end closes the channel; a handler in an endless loop would not notice, so a thread looks, too.
process.on('disconnect', die);
new Worker(
  "const parent = Number(process.argv[2]); setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);",
  { eval: true, argv: [String(process.ppid)], resourceLimits: { maxOldGenerationSizeMb: 16 } },
).unref();

const describe = (error, type) => error instanceof Error
  ? { errorType: type ?? error.name, errorMessage: error.message, trace: String(error.stack).replaceAll(root, '/var/task').split('\\n') }
  : { errorType: type ?? typeof error, errorMessage: String(error), trace: [] };
const fail = (error, type) => send({ kind: 'error', error: describe(error, type) });
// An error outside of an invocation's own promise: Lambda ends the environment after it.
const last = (error, type) => send({ kind: 'error', error: describe(error, type), fatal: true }, die);
process.on('uncaughtException', (error) => last(error));
process.on('unhandledRejection', (error) => last(error, 'Runtime.UnhandledPromiseRejection'));

const load = async () => {
  const [, file, name] = /^(.+)\\.([^./]+)$/.exec(process.env._HANDLER) ?? [];
  if (!file) throw Object.assign(new Error('Bad handler: ' + process.env._HANDLER), { name: 'Runtime.MalformedHandlerName' });
  const script = ['.js', '.cjs', '.mjs'].map((extension) => path.resolve(root, file + extension)).find(existsSync);
  if (!script) throw Object.assign(new Error("Cannot find module '" + file + "'"), { name: 'Runtime.ImportModuleError' });
  const loaded = script.endsWith('.mjs') ? await import(pathToFileURL(script).href) : require(script);
  if (typeof loaded[name] !== 'function') {
    throw Object.assign(new Error(process.env._HANDLER + ' is undefined or not exported'), { name: 'Runtime.HandlerNotFound' });
  }
  return loaded[name];
};

const invoke = async (handler, { event, context, deadline }) => {
  let result;
  try {
    result = await handler(JSON.parse(event), { ...context, callbackWaitsForEmptyEventLoop: true, getRemainingTimeInMillis: () => deadline - Date.now() });
  } catch (error) {
    return fail(error);
  }
  try {
    send({ kind: 'result', payload: result === undefined ? 'null' : JSON.stringify(result) ?? 'null' });
  } catch {
    fail(new Error('Unable to stringify response body'), 'Runtime.MarshalError');
  }
};

load().then((handler) => {
  process.on('message', (message) => void invoke(handler, message));
  send({ kind: 'ready' });
}, (error) => last(error));
`;
