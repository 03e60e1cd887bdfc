import { loadRun, type TableRun } from '../../src/index.js';

/** The run of a table in a folder. */
export async function loadTable(folder: string): Promise<TableRun> {
  const run = await loadRun(folder);
  if (run.kind !== 'table') throw new Error(`${folder} holds a run of ${run.kind}`);
  return run;
}
