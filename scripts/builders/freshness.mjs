import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** When a file last changed, in milliseconds, or 0 when it is not there. */
export function changed(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** Everything below `folder`, as paths relative to it. Empty when there is no such folder. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/**
 * The latest change of these files and folders. A folder's own time counts too: it is what moves
 * when a file in it is deleted or renamed.
 */
export function newestChange(paths) {
  let newest = 0;
  for (const path of paths) {
    newest = Math.max(newest, changed(path));
    if (!existsSync(path) || !statSync(path).isDirectory()) continue;
    for (const name of readdirSync(path, { recursive: true }))
      newest = Math.max(newest, changed(join(path, name)));
  }
  return newest;
}
