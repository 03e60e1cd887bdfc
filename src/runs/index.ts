export { fitTable } from './fitTable.js';
export { loadRun } from './saved.js';
export type * from './types.js';
