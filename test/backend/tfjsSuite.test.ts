import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { addonProblem } from '../../src/native/index.js';
import type { SuiteResult } from './runTfjsSuite.js';

const program = fileURLToPath(new URL('./runTfjsSuite.js', import.meta.url));

/** Specs that run on a plain copy of the CPU backend; with fewer, some were lost on the way here. */
const LEAST_SPECS = 4200;

test("tfjs-core's own test suite passes on the backend", async (t) => {
  t.timeout(240_000);
  const problem = addonProblem();
  if (problem !== null) {
    t.log(`skipped: ${problem}`);
    t.pass();
    return;
  }
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'native'], {
    maxBuffer: 1 << 28,
  });
  const { passed, failed } = JSON.parse(stdout.trimEnd().split('\n').pop() ?? '') as SuiteResult;
  t.log(`${passed} specs passed`);
  t.deepEqual(failed, []);
  t.true(passed >= LEAST_SPECS, `${passed} specs ran`);
});
