import type { ImageRun } from './images/types.js';
import type { TableRun } from './types.js';

/** A fitted model with its folder, as `loadRun` gives it; `kind` says of what. */
export type Run = TableRun | ImageRun;
