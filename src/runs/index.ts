export { fitTable } from './fitTable.js';
export { fitClassifier } from './images/classifierFile.js';
export { fitImages } from './images/fitImages.js';
export type * from './images/types.js';
export { loadRun } from './loadRun.js';
export type { Run } from './run.js';
export type * from './types.js';
