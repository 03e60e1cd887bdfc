import type { ColumnKind, Table, TableSchema } from '../data/types.js';
import type { DrawOptions } from '../draw.js';
import type { PresetName } from '../flows/presets/catalogue.js';
import type { ImageShape } from '../imageShape.js';
import type { EvaluationFigures } from '../report/evaluation.js';
import type { ModelArchitecture } from '../tables/architecture.js';
import type { ModelName } from '../tables/catalogue.js';
import type { ImageModelName } from './images/catalogue.js';

/** Where rows come from: a file's path, a query (its `from` may name files), or a table in memory. */
export type TableSource = string | { readonly sql: string } | Table;

/** A flow that a table's numbers follow, given its categories. */
export interface FlowModelOptions {
  /** A preset by name. Default nsf. */
  readonly name?: PresetName;
  /** Default: the preset's. */
  readonly layers?: number;
  /** Widths of the hidden layers of its networks. Default [64, 64], from 4000 training rows on [128, 128]. */
  readonly hidden?: readonly number[];
  /** Bins of each spline, for presets of splines alone. Default: the preset's. */
  readonly bins?: number;
}

/** A variational autoencoder of rows. */
export interface VaeModelOptions {
  readonly name: 'vae';
  /** Length of the code of a row. Default: half as many numbers as the row has variables, from 2 to 16. */
  readonly latent?: number;
  /** Widths of the encoder's hidden layers, the decoder's in reverse. Default [128, 128], from 4000 training rows on [256, 256]. */
  readonly hidden?: readonly number[];
}

/** A generative adversarial network of rows. */
export interface GanModelOptions {
  readonly name: 'gan';
  /** Numbers that a row is made of, beside the noise that its levels are drawn with. Default 64. */
  readonly latent?: number;
  /** Widths of the hidden layers of both networks. Default [128, 128], from 4000 training rows on [256, 256]. */
  readonly hidden?: readonly number[];
  /** Rows that the critic judges together. Default 10, less for fewer than 40 training rows. */
  readonly pac?: number;
}

/** Which model is fitted, and its sizes. A size that a model has not is refused. */
export type ModelOptions = FlowModelOptions | VaeModelOptions | GanModelOptions;

/** What every fit is told, of whatever data: rows of a table or images. */
export interface FitOptions {
  /** The run folder to make. Without one, the run lives in a temporary folder. */
  readonly out?: string;
  /** Replace a run folder that is already there. Default false: it is an error. */
  readonly overwrite?: boolean;
  /** Go on from the last checkpoint in `out`, bit for bit. Default false. */
  readonly resume?: boolean;
  /** Seed of the split, the first weights and the batches. Default 0. */
  readonly seed?: number;
  /** Most passes over the training data. Default: chosen from how many there are. */
  readonly epochs?: number;
  /** Shares held out. Defaults 0.1 and 0.1; a GAN of images, which nothing stops early, trains on the first too. */
  readonly validation?: number;
  readonly test?: number;
  /** Told of everything that happens, for progress. */
  readonly onEvent?: (event: FitEvent) => void;
  /** Stops the fit after the step in hand; the last checkpoint stays. */
  readonly signal?: AbortSignal;
}

export interface FitTableOptions extends FitOptions {
  /** Kinds that override what is inferred. */
  readonly columns?: Readonly<Record<string, ColumnKind>>;
  /** Columns to leave out. */
  readonly drop?: readonly string[];
  /** Whether the file's first row names the columns. Default: found out by the reader. */
  readonly header?: boolean;
  /** Which model is fitted. Default: the flow nsf. */
  readonly model?: ModelOptions;
  /** Rows in a step. Default: from 32 to 256 by how many there are, up to 500 for a GAN. */
  readonly batchSize?: number;
  /** Default 1e-3, 2e-4 for a GAN. */
  readonly learningRate?: number;
  /** Epochs without a better validation likelihood before a part stops. Default 40; a GAN has none. */
  readonly patience?: number;
}

export type FitEvent =
  | { readonly kind: 'table'; readonly source: string; readonly rows: number; readonly schema: TableSchema }
  | { readonly kind: 'images'; readonly source: string; readonly images: number; readonly shape: ImageShape }
  | { readonly kind: 'warning'; readonly message: string }
  | {
      readonly kind: 'start';
      /** Null where there was nothing to choose: flows of a table without numbers. */
      readonly model: ModelName | ImageModelName | null;
      readonly epochs: number;
      readonly stepsPerEpoch: number;
      readonly parameters: number;
      readonly backend: string;
    }
  | {
      readonly kind: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      /**
       * What is watched of this kind of model, in the order to show it in. `train` and `validation` are mean
       * log-likelihoods a row in nats.
       */
      readonly figures: Readonly<Record<string, number>>;
      readonly best: boolean;
      readonly rowsPerSecond: number;
    }
  | { readonly kind: 'stage'; readonly message: string };

/** What is measured on rows the fit never saw. */
export interface Evaluation extends EvaluationFigures {
  /** Null where there was nothing to choose: flows of a table without numbers. */
  readonly model: ModelName | null;
  /** Rows whose probability is 0 because the fit never saw one of their values; the means leave them out. */
  readonly unseenRows: number;
  readonly seconds: number;
}

export interface ExportReport {
  readonly folder: string;
  readonly files: readonly string[];
  readonly onnx: {
    /** Greatest relative difference of ONNX Runtime and the model over all files. */
    readonly maxRelativeError: number;
    /** Share of discrete outputs that fell on the other side of a float32 tie. */
    readonly ties: number;
    readonly rows: number;
  };
  readonly seconds: number;
}

/** How a fit went, of whatever data. */
export interface FitSummary {
  readonly folder: string;
  readonly epochs: number;
  /** Null for a model that is left as its last epoch made it, as a GAN is. */
  readonly bestEpoch: number | null;
  readonly backend: string;
  /** How many rows or images each part has. */
  readonly split: { readonly train: number; readonly validation: number; readonly test: number };
  /** Names of the files in `folder`. */
  readonly files: readonly string[];
}

/** What `fit` found, as it is printed and saved. */
export interface FitReport extends Evaluation, FitSummary {
  readonly onnx: ExportReport['onnx'];
}

export interface Scores {
  /** log p of each row in nats; -Infinity where `unseen`. */
  readonly logProb: Float64Array;
  /** Draws of the latent that each is estimated with, on average from below; null where none are needed. */
  readonly latentSamples: number | null;
  readonly unseen: Uint8Array;
  readonly table: Table;
}

/** A fitted model of a table with its folder. `loadRun(folder)` and `fitTable(source, options)` give one. */
export interface TableRun {
  readonly kind: 'table';
  readonly folder: string;
  readonly schema: TableSchema;
  /** The model with its sizes; null where there was nothing to choose: flows of a table without numbers. */
  readonly model: ModelArchitecture | null;
  readonly report: FitReport;
  sample(rows: number, options?: DrawOptions): Promise<Table>;
  /** @throws PushforwardError `usage` for a model that has no density. */
  score(source: TableSource): Promise<Scores>;
  evaluate(source: TableSource): Promise<Evaluation>;
  export(folder: string): Promise<ExportReport>;
}
