import { type Check, listOf, oneOf, readBeside, readEntries, whole } from '../entries.js';

interface Named {
  readonly name: string;
  readonly batch: number;
}

/** Dense layers with relu between them, softmax cross-entropy over the last width. */
export interface PerceptronConfiguration extends Named {
  readonly network: 'perceptron';
  readonly widths: readonly number[];
}

/** Images with two strided convolutions of these channels, and codes of so many numbers. */
interface ImageConfiguration extends Named {
  /** Pixels a side, a multiple of 4. */
  readonly side: number;
  readonly channels: readonly [number, number];
  readonly latents: number;
}

export interface GanConfiguration extends ImageConfiguration {
  readonly network: 'gan';
}

export interface AutoencoderConfiguration extends ImageConfiguration {
  readonly network: 'autoencoder';
}

/** A number regressed on the last state of an LSTM. */
export interface LstmConfiguration extends Named {
  readonly network: 'lstm';
  readonly inputs: number;
  readonly units: number;
  readonly steps: number;
}

/** No training: [batch, inner] times [inner, columns]. */
export interface ProductConfiguration extends Named {
  readonly network: 'matrixProduct';
  readonly inner: number;
  readonly columns: number;
}

/** One network of the benchmark, as every contender builds it. */
export type NetworkConfiguration =
  | PerceptronConfiguration
  | GanConfiguration
  | AutoencoderConfiguration
  | LstmConfiguration
  | ProductConfiguration;

type Kind = NetworkConfiguration['network'];

const IMAGE = {
  side: (value: unknown) => whole(4)(value) && (value as number) % 4 === 0,
  channels: listOf(1, 2),
  latents: whole(1),
};

const FIELDS: Record<Kind, Readonly<Record<string, Check>>> = {
  perceptron: { widths: listOf(1) },
  gan: IMAGE,
  autoencoder: IMAGE,
  lstm: { inputs: whole(1), units: whole(1), steps: whole(1) },
  matrixProduct: { inner: whole(1), columns: whole(1) },
};

/** The networks of the benchmark. @throws Error that names the entry and the field that is wrong. */
export function readNetworks(text = readBeside('networks.json')): NetworkConfiguration[] {
  return readEntries(text, (entry) => ({
    network: oneOf(Object.keys(FIELDS)),
    batch: whole(1),
    ...FIELDS[entry.network as Kind],
  }));
}
