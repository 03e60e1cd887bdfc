/** Loaded before a program, it prints the modules that the program has loaded, one to a line, to stderr when it ends. */
import { writeSync } from 'node:fs';
import Module, { createRequire } from 'node:module';

const STDERR = 2;

/** Told of ECMAScript modules, and of what these import. */
const hook = `import { writeSync } from 'node:fs';
export async function load(url, context, next) {
  writeSync(${STDERR}, url + '\\n');
  return next(url, context);
}`;
Module.register(`data:text/javascript,${encodeURIComponent(hook)}`);

// What CommonJS modules require, and addons.
process.on('exit', () => {
  for (const path of Object.keys(createRequire(import.meta.url).cache)) writeSync(STDERR, `${path}\n`);
});
