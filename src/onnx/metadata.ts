import type { TableSchema } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import type { GraphBuilder } from './graph.js';

/** Key of the entry of metadata_props that makes an ONNX file one of this project. */
const KEY = 'pushforward';

/** A raw column as it goes into a density or comes out of a generator: a tensor [batch], named by `tensorName`. */
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

/** What an exported file says about itself, as JSON under `pushforward` in metadata_props. */
export interface OnnxMetadata {
  readonly version: 1;
  /** generator: `z` float32 [batch, latent] to columns. density: columns to `log_prob` float32 [batch], in nats. */
  readonly role: 'generator' | 'density';
  /** Name of the flow of the numbers; null without one, left out by files from before there was a choice. */
  readonly model?: string | null;
  /** Length of z. */
  readonly latent: number;
  readonly columns: readonly OnnxColumn[];
  /** Seed of the fit. */
  readonly seed: number;
  /** Measures on rows the fit never saw, by name; log-likelihoods are mean nats a row. */
  readonly heldOut: Readonly<Record<string, number>>;
  readonly schema: TableSchema;
}

/**
 * Name of a column's tensor in the file: the column's own, unless the file's other side goes by it
 * (`z` of a generator, `log_prob` of a density), since one name cannot be an input and an output.
 */
export function tensorName(role: OnnxMetadata['role'], column: string): string {
  const taken = role === 'generator' ? 'z' : 'log_prob';
  return column === taken ? `column ${column}` : column;
}

export function writeMetadata(builder: GraphBuilder, metadata: OnnxMetadata): void {
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
 * What a file of this project says about itself. Throws `input` for an ONNX file of somebody else,
 * `unsupported` for one of a later version, `damaged` for one whose entry does not hold together.
 */
export function readMetadata(entries: ReadonlyMap<string, string>, where: string): OnnxMetadata {
  const text = entries.get(KEY);
  if (text === undefined) {
    throw new PushforwardError('input', 'this ONNX file was not written by pushforward', {
      where,
      mend: 'give a file that `pushforward export` wrote',
    });
  }
  const value = parse(text);
  if (isObject(value) && typeof value.version === 'number' && value.version > 1) {
    throw new PushforwardError('unsupported', `this file is of version ${value.version}`, {
      where,
      mend: 'update pushforward',
    });
  }
  const whole =
    isObject(value) &&
    value.version === 1 &&
    (value.role === 'generator' || value.role === 'density') &&
    Number.isSafeInteger(value.latent) &&
    Array.isArray(value.columns) &&
    value.columns.every(isColumn);
  if (!whole) {
    throw new PushforwardError('damaged', 'what this file says about itself is damaged', {
      where,
      mend: 'export the model again',
    });
  }
  return value as unknown as OnnxMetadata;
}
