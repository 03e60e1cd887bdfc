import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { PushforwardError } from '../src/errors.js';
import { checkWritable, replaceFile, writeFileAtomic, writing } from '../src/files.js';

async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'files-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A failure as Node's file functions throw them. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: refused`), { code });
}

async function refused(t: ExecutionContext, path: string, write: () => Promise<unknown>, reason: RegExp) {
  const error = await t.throwsAsync(write, { instanceOf: PushforwardError, message: reason });
  t.is(error.code, 'input');
  t.is(error.where, path);
  t.truthy(error.mend);
  t.notRegex(error.message, /\n/);
}

test('what the system refuses to write is told in one line, and nothing is left behind', async (t) => {
  const folder = await folderOf(t);
  await mkdir(join(folder, 'taken'));
  await writeFile(join(folder, 'plain'), 'old');
  const taken = join(folder, 'taken');
  const below = join(folder, 'plain', 'x');
  for (const write of [checkWritable, (path: string) => writeFileAtomic(path, 'new')]) {
    await refused(t, taken, () => write(taken), /taken: cannot be written: it is a folder; /);
    await refused(t, below, () => write(below), /cannot be written: a part of its path is a file; /);
  }
  const plain = join(folder, 'plain');
  const full = () =>
    replaceFile(plain, async (temporary) => {
      await writeFile(temporary, 'half');
      throw systemError('ENOSPC');
    });
  await refused(t, plain, full, /cannot be written: the disk is full; make room/);
  const odd = () => writing(plain, () => Promise.reject(systemError('EIO')));
  await refused(t, plain, odd, /cannot be written: EIO; /);
  t.deepEqual((await readdir(folder)).sort(), ['plain', 'taken']);
  t.deepEqual(await readdir(taken), []);
  t.is(await readFile(plain, 'utf8'), 'old');
});

test('what is no refusal of the system goes on as it is', async (t) => {
  const folder = await folderOf(t);
  for (const error of [new TypeError('a fault'), new PushforwardError('numeric', 'not finite')]) {
    const fill = () => Promise.reject(error);
    t.is(await t.throwsAsync(() => replaceFile(join(folder, 'x'), fill)), error);
  }
});

test('a path that can be written is as it was after the check', async (t) => {
  const folder = await folderOf(t);
  const path = join(folder, 'plain');
  await writeFile(path, 'old');
  await checkWritable(path);
  await checkWritable(join(folder, 'new', 'x'));
  t.is(await readFile(path, 'utf8'), 'old');
  t.deepEqual(await readdir(join(folder, 'new')), []);
});
