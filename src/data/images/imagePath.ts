import { open, stat } from 'node:fs/promises';
import { isIdx } from './idx.js';
import { isNpy } from './npy.js';
import { isZip } from './npz.js';

/** Names of files of images, as public sets and NumPy have them, packed or not. */
const IMAGE_FILE = /(ubyte|idx\d|[.]np[yz]|[.]bin|[.]png|[.]jpe?g)([.]gz)?$/i;

/**
 * Tells by its name, or by its first bytes, whether a path is for `readImages` rather than a table's reader: folders
 * and files of images are. A path that there is not is told by its name alone.
 */
export async function isImagePath(path: string): Promise<boolean> {
  if (IMAGE_FILE.test(path)) return true;
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return found?.isDirectory() ?? false;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    const bytes = buffer.subarray(0, bytesRead);
    return isIdx(bytes) || isNpy(bytes) || isZip(bytes);
  } finally {
    await file.close();
  }
}
