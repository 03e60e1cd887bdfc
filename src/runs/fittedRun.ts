import type { TableCodec } from '../data/codec.js';
import { readTable } from '../data/read.js';
import type { Table, TableSchema } from '../data/types.js';
import { checkDraw, type DrawOptions } from '../draw.js';
import type { ModelArchitecture } from '../tables/architecture.js';
import type { TableModel } from '../tables/model.js';
import type { RunConfig } from './config.js';
import { drawTable } from './drawTable.js';
import { type Baselines, densityOf, evaluateRows, scoreRows } from './evaluate.js';
import { exportRun } from './export.js';
import type { Evaluation, ExportReport, FitReport, Scores, TableRun, TableSource } from './types.js';

/** All that a finished fit leaves. */
export interface RunParts {
  readonly folder: string;
  readonly codec: TableCodec;
  readonly model: TableModel;
  readonly baselines: Baselines;
  readonly report: FitReport;
  readonly config: RunConfig;
}

/** A fitted table model in memory, with its folder. */
export class FittedRun implements TableRun {
  readonly kind = 'table';
  readonly folder: string;
  readonly report: FitReport;
  readonly #parts: RunParts;

  constructor(parts: RunParts) {
    this.folder = parts.folder;
    this.report = parts.report;
    this.#parts = parts;
  }

  get schema(): TableSchema {
    return this.#parts.codec.schema;
  }

  get model(): ModelArchitecture | null {
    return this.#parts.model.chosen;
  }

  async sample(rows: number, options: DrawOptions = {}): Promise<Table> {
    const draw = checkDraw(rows, options);
    const { model, codec } = this.#parts;
    return drawTable(model, codec, rows, draw);
  }

  async score(source: TableSource): Promise<Scores> {
    const { model, codec } = this.#parts;
    const density = densityOf(model);
    const table = await this.#read(source);
    const rows = codec.encode(table);
    const logProb = await scoreRows(density, codec, rows);
    return { logProb, latentSamples: density.samples, unseen: rows.unseen, table };
  }

  async evaluate(source: TableSource): Promise<Evaluation> {
    const { model, codec, baselines } = this.#parts;
    return evaluateRows(model, codec, baselines, codec.encode(await this.#read(source)));
  }

  async export(folder: string): Promise<ExportReport> {
    return exportRun({ ...this.#parts, evaluation: this.report }, folder);
  }

  async #read(source: TableSource): Promise<Table> {
    return tableFrom(source, this.#parts.config.settings.header);
  }
}

/** Reads the rows unless they are in memory already. */
export async function tableFrom(source: TableSource, header: boolean | null): Promise<Table> {
  if (typeof source === 'object' && 'columns' in source) return source;
  return readTable(source, header === null ? {} : { header });
}
