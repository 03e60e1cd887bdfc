import type { RowSource } from '../rowSource.js';
import { type ImageRowsOptions, imageRows } from './imageRows.js';
import type { ImageSet } from './imageSet.js';
import type { PictureSet } from './pictures.js';
import { prefetchedRows } from './prefetchedRows.js';

/** Rows of images that are open until they are closed. */
export interface OpenRows {
  readonly rows: RowSource;
  close(): Promise<void>;
}

/**
 * Images as rows, from memory or, read by a thread of their own, from their files; the same bits from both.
 * @throws PushforwardError as `imageRows` and `prefetchedRows` do.
 */
export async function openRows(images: ImageSet | PictureSet, options: ImageRowsOptions): Promise<OpenRows> {
  if ('pixels' in images) return { rows: imageRows(images, options), close: async () => {} };
  const rows = await prefetchedRows(images, options);
  return { rows, close: () => rows.close() };
}
