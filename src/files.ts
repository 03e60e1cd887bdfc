import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PushforwardError } from './errors.js';

/**
 * Writes a file so that a reader, or a crash, sees the old content or the new and nothing between:
 * a temporary file beside it, flushed to the disk, then renamed over it. Folders are made.
 * @throws PushforwardError `input` when the system refuses: no permission, a full disk, a folder of that name.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await replaceFile(path, (temporary) => writeFile(temporary, content, { flag: 'wx' }));
}

/** The same for a file that somebody else fills: `fill` makes the temporary file at the path it is given. */
export async function replaceFile(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  await writing(path, async () => {
    const temporary = await temporaryFor(path);
    try {
      await fill(temporary);
      const file = await open(temporary, 'r+');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}

/**
 * Makes sure, before the work whose result is to go there, that a file can be written.
 * @throws PushforwardError `input` when the system refuses, as `writeFileAtomic` does.
 */
export async function checkWritable(path: string): Promise<void> {
  await writing(path, async () => {
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    const temporary = await temporaryFor(path);
    await writeFile(temporary, '', { flag: 'wx' });
    await rm(temporary);
  });
}

/** A path of its own in the folder of a file, so that a renaming is all that is left to do. The folder is made. */
async function temporaryFor(path: string): Promise<string> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  return join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** What the system's refusals mean, and what to do about them. */
const REFUSALS: Readonly<Record<string, readonly [reason: string, mend: string]>> = {
  EACCES: ['no permission', 'check the permissions, or give another path'],
  EPERM: ['no permission', 'check the permissions, or give another path'],
  EROFS: ['the disk is read-only', 'give another path'],
  ENOSPC: ['the disk is full', 'make room, or give another path'],
  EDQUOT: ['your share of the disk is used up', 'make room, or give another path'],
  EISDIR: ['it is a folder', 'give the path of a file'],
  EEXIST: ['a part of its path is a file', 'give another path'],
  ENOTDIR: ['a part of its path is a file', 'give another path'],
};

/**
 * Does what writes to a path.
 * @throws PushforwardError `input` when the system refuses, with its reason; what else `write` throws goes on as it is.
 */
export async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (cause instanceof PushforwardError || typeof code !== 'string') throw cause;
    const [reason, mend] = REFUSALS[code] ?? [code, 'check the path'];
    throw new PushforwardError('input', `cannot be written: ${reason}`, { where: path, mend, cause });
  }
}
