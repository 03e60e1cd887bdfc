import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { EncodedRows, TableSchema } from '../data/types.js';
import type { TableArchitecture } from '../tables/architecture.js';
import type { FitSettings } from './options.js';

/** `config.json`: how a run was made, written before its first step. */
export interface RunConfig {
  readonly version: 1;
  /** Version of the library that made it. */
  readonly pushforward: string;
  readonly source: string;
  readonly settings: FitSettings;
  readonly split: { readonly train: number; readonly validation: number; readonly test: number };
  readonly training: { readonly epochs: number; readonly batchSize: number };
  readonly architecture: TableArchitecture;
  /** Digest of settings and rows; a checkpoint goes on only where it is the same. */
  readonly fingerprint: string;
}

const { version } = createRequire(import.meta.url)('pushforward/package.json') as { version: string };

/** The version of this library. */
export const libraryVersion: string = version;

/** A digest of everything that the bits of a fit depend on. */
export function fingerprintOf(settings: FitSettings, schema: TableSchema, rows: EncodedRows): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([settings, schema]));
  hash.update(new Uint8Array(rows.codes.buffer, rows.codes.byteOffset, rows.codes.byteLength));
  hash.update(new Uint8Array(rows.numbers.buffer, rows.numbers.byteOffset, rows.numbers.byteLength));
  return hash.digest('hex');
}

/** Updates that a fit is planned for when nobody says how many epochs. */
const PLANNED_UPDATES = 8000;

/** Batches small enough that few rows still give many updates; epochs for about 8,000 updates, 20 to 400. */
export function planTraining(settings: FitSettings, rows: number): RunConfig['training'] {
  const natural = 2 ** Math.round(Math.log2(rows / 10));
  const batchSize = Math.min(rows, settings.batchSize ?? Math.min(256, Math.max(32, natural)));
  const epochs = Math.round(PLANNED_UPDATES / Math.ceil(rows / batchSize));
  return { batchSize, epochs: settings.epochs ?? Math.min(400, Math.max(20, epochs)) };
}
