import type { TableSchema } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import type { GraphBuilder } from './graph.js';

/** Key of the entry of metadata_props that makes an ONNX file one of this project. */
const KEY = 'pushforward';

/**
 * A raw column as it goes into a density or comes out of a generator: a tensor [batch], of a critic [batch, pac], named
 * by `tensorName`.
 */
export interface OnnxColumn {
  readonly name: string;
  /**
   * string: '' is a missing value. float64: NaN is one; any column with gaps that is not a string is of
   * this type. int64, bool: no gaps.
   */
  readonly type: 'string' | 'float64' | 'int64' | 'bool';
  /** Numbers are milliseconds since 1970 UTC. */
  readonly datetime?: boolean;
}

/** The files of a table's model. */
const TABLE_ROLES = ['generator', 'density', 'encoder', 'decoder', 'critic'] as const;

/** What an exported file of a table's model says about itself, as JSON under `pushforward` in metadata_props. */
export interface OnnxMetadata {
  readonly version: 1;
  /**
   * generator: `z` float32 [batch, latent] of N(0, I) to columns. density: columns to `log_prob` float32 [batch], in
   * nats. encoder: columns to `mean` and `log_variance` float32 [batch, latent] of a code. decoder: `z` float32
   * [batch, latent], a code, to columns. critic: packs of rows, columns [batch, pac], to `score` float32 [batch, 1],
   * which has no unit: it is greater for packs that are more like those of the table's rows.
   */
  readonly role: (typeof TABLE_ROLES)[number];
  /** Name of the model; null where there was nothing to choose, left out by files from before there was a choice. */
  readonly model?: string | null;
  /** Length of z, or of a code. */
  readonly latent: number;
  /** Rows that a critic judges together; other files have none. */
  readonly pac?: number;
  readonly columns: readonly OnnxColumn[];
  /** Seed of the fit. */
  readonly seed: number;
  /** Measures on rows the fit never saw, by name; log-likelihoods are mean nats a row. */
  readonly heldOut: Readonly<Record<string, number>>;
  readonly schema: TableSchema;
}

/** The tensors of each file that are no columns. */
export const OTHER_SIDE: Readonly<Record<OnnxMetadata['role'], readonly string[]>> = {
  generator: ['z'],
  density: ['log_prob'],
  encoder: ['mean', 'log_variance'],
  decoder: ['z'],
  critic: ['score'],
};

/**
 * Name of a column's tensor in the file: the column's own, unless the file's other side goes by it
 * (`z` of a generator, `log_prob` of a density, …), since one name cannot be an input and an output.
 */
export function tensorName(role: OnnxMetadata['role'], column: string): string {
  return OTHER_SIDE[role].includes(column) ? `column ${column}` : column;
}

/** The networks of models of arrays, images say, that have a file of their own. */
const NETWORK_ROLES = ['encoder', 'decoder', 'generator', 'density', 'critic'] as const;

/**
 * What an exported network of a model of arrays says about itself, in the same place. Rows are the tensor `image`
 * float32 [batch, channels, height, width], or `x` [batch, ...shape] where they are no images; a model that takes a
 * context has it as the input `context` float32 [batch, context].
 */
export interface NetworkMetadata {
  readonly version: 1;
  readonly kind: 'network';
  /**
   * encoder: rows to `mean` and `log_variance` [batch, latent] of a code. decoder: `z` [batch, latent], a code, to
   * rows. generator: `z` [batch, latent] of `latentLaw` to rows. density: rows to `log_prob` [batch], in nats. critic:
   * packs of `pac` rows, side by side in their last axis or channels, to `score` [batch, 1].
   */
  readonly role: (typeof NETWORK_ROLES)[number];
  /** The family of the model: `vae`, `gan` or the name of a flow. */
  readonly model: string;
  /** Shape of one row in Node: [height, width, channels] of images. */
  readonly shape: readonly number[];
  readonly latent: number;
  /** The law of each number of a generator's `z`: N(0, 1), or uniform on (−1, 1). */
  readonly latentLaw: 'normal' | 'uniform';
  /** Width of the context of one row; 0 is none. */
  readonly context: number;
  /** Names of the classes, where the context is the class of a row: 1 at its place in this list, 0 elsewhere. */
  readonly classes?: readonly string[];
  readonly pac: number;
  /** Measures on rows the fit never saw, by name; log-likelihoods are mean nats a row. */
  readonly heldOut: Readonly<Record<string, number>>;
}

export function writeMetadata(builder: GraphBuilder, metadata: OnnxMetadata | NetworkMetadata): void {
  builder.metadata(KEY, JSON.stringify(metadata));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isColumn(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.name === 'string' &&
    ['string', 'float64', 'int64', 'bool'].includes(value.type as string)
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What a file of a table's model says about itself. Throws `input` for an ONNX file of somebody else or of a network,
 * `unsupported` for one of a later version, `damaged` for one whose entry does not hold together.
 */
export function readMetadata(entries: ReadonlyMap<string, string>, where: string): OnnxMetadata {
  const value = readEntry(entries, where);
  if (value.kind === 'network') {
    const what = `this is the ${String(value.role)} of a ${String(value.model)}, whose rows are arrays and no columns`;
    throw new PushforwardError('input', what, { where, mend: 'open it with loadOnnxNetwork' });
  }
  const whole =
    TABLE_ROLES.some((role) => role === value.role) &&
    Number.isSafeInteger(value.latent) &&
    (value.role !== 'critic' || (Number.isSafeInteger(value.pac) && (value.pac as number) > 0)) &&
    Array.isArray(value.columns) &&
    value.columns.every(isColumn);
  if (!whole) throw damaged(where);
  return value as unknown as OnnxMetadata;
}

/** The same of a network; `input` for a file of a table's model too. */
export function readNetworkMetadata(entries: ReadonlyMap<string, string>, where: string): NetworkMetadata {
  const value = readEntry(entries, where);
  if (value.kind === undefined) {
    throw new PushforwardError('input', 'this file is of the model of a table', {
      where,
      mend: 'open it with loadOnnx',
    });
  }
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  const whole =
    value.kind === 'network' &&
    NETWORK_ROLES.some((role) => role === value.role) &&
    Array.isArray(value.shape) &&
    value.shape.length > 0 &&
    [...value.shape, value.latent, value.context, value.pac].every(isSize) &&
    (value.latentLaw === 'normal' || value.latentLaw === 'uniform');
  if (!whole) throw damaged(where);
  return value as unknown as NetworkMetadata;
}

function readEntry(entries: ReadonlyMap<string, string>, where: string): Record<string, unknown> {
  const text = entries.get(KEY);
  if (text === undefined) {
    throw new PushforwardError('input', 'this ONNX file was not written by pushforward', {
      where,
      mend: 'give a file that `pushforward export` wrote',
    });
  }
  const value = parse(text);
  if (!isObject(value)) throw damaged(where);
  if (typeof value.version === 'number' && value.version > 1) {
    throw new PushforwardError('unsupported', `this file is of version ${value.version}`, {
      where,
      mend: 'update pushforward',
    });
  }
  if (value.version !== 1) throw damaged(where);
  return value;
}

function damaged(where: string): PushforwardError {
  return new PushforwardError('damaged', 'what this file says about itself is damaged', {
    where,
    mend: 'export the model again',
  });
}
