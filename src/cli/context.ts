import type { BackendName } from '../backend/names.js';
import type { ImageSet } from '../data/images/imageSet.js';
import type { Table } from '../data/types.js';
import type { ReproduceSettings, Reproduction } from '../reproduce/index.js';
import type { ClassifierReport, FitClassifierOptions } from '../runs/images/classifierFile.js';
import type { FitImagesOptions, ImageRun, ImageSource } from '../runs/images/types.js';
import type { Run } from '../runs/run.js';
import type { FitTableOptions, TableRun, TableSource } from '../runs/types.js';

/** A stream of text; a terminal says so and knows its width. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string, done: (error?: Error | null) => void): unknown;
}

export interface Runs {
  fitTable(source: TableSource, options: FitTableOptions): Promise<TableRun>;
  fitImages(source: ImageSource, options: FitImagesOptions): Promise<ImageRun>;
  fitClassifier(source: ImageSource, options: FitClassifierOptions): Promise<ClassifierReport>;
  loadRun(folder: string): Promise<Run>;
}

export interface Tables {
  writeTable(table: Table, path: string): Promise<void>;
}

export interface Images {
  writeImageFiles(images: ImageSet, path: string): Promise<void>;
}

export interface Reproductions {
  reproduce(name: string, settings: ReproduceSettings): Promise<Reproduction>;
}

/** What this machine and this installation offer, as `info` shows it. */
export interface Environment {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly addon:
    | {
        readonly loaded: true;
        readonly simd: string;
        readonly simdLevels: readonly string[];
        readonly threads: number;
      }
    | { readonly loaded: false; readonly problem: string };
  readonly tfjs: { readonly version: string; readonly backend: string };
  readonly onnxruntime: string;
  readonly duckdb: string;
}

/**
 * Everything a command touches outside itself. The rooms below are loaded when a command first needs
 * them, so that `--help` and a mistyped option answer at once.
 */
export interface CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  /** With a backend of TensorFlow.js in use, the usual one where none is named. */
  readonly runs: (backend?: BackendName) => Promise<Runs>;
  /** The same for published experiments. */
  readonly reproductions: (backend?: BackendName) => Promise<Reproductions>;
  readonly tables: () => Promise<Tables>;
  readonly images: () => Promise<Images>;
  readonly environment: () => Promise<Environment>;
  /** Calls the handler at Ctrl-C until the function it gives back is called. */
  readonly onInterrupt: (handler: () => void) => () => void;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** Show the stack of an error below its line. */
  readonly debug: boolean;
}
