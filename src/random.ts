import { PushforwardError } from './errors.js';
import { normalQuantile } from './normalQuantile.js';

export { normalQuantile };

/** The addon's generator, which gives the bits of `Random` sooner. */
export interface NativeRandom {
  philoxUniform(out: Float32Array, seed: number, stream: number, offset: number): void;
  philoxNormal(out: Float32Array, seed: number, stream: number, offset: number): void;
}

let native: NativeRandom | null = null;

/** Draws long enough go through `generator` from now on; null takes it away. The addon's loader calls this. */
export function useNativeRandom(generator: NativeRandom | null): void {
  native = generator;
}

/** Below this many numbers a call into the addon costs more than it saves. */
const NATIVE_MINIMUM = 64;

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/**
 * Philox 4x32-10 (Salmon et al. 2011): a counter-based generator. Number p of a stream is word p mod 4
 * of the block whose counter is (p div 4, stream), 64 bits each, under the seed in two's complement as
 * key. So a draw is a function of (seed, stream, position) alone: nothing more needs to be saved to
 * go on, and streams never meet. The addon's generator gives the same bits.
 */
export class Random {
  readonly seed: number;
  readonly stream: number;
  #position = 0;
  readonly #block = new Uint32Array(4);
  #blockIndex = -1;

  /**
   * @param seed any safe integer.
   * @param stream a safe integer from 0, such as `streamOf` gives.
   * @throws PushforwardError `usage` for another seed, RangeError for another stream.
   */
  constructor(seed: number, stream = 0) {
    if (!Number.isSafeInteger(seed)) {
      throw new PushforwardError('usage', `the seed is ${seed}`, { mend: 'give a whole number' });
    }
    this.seed = seed;
    this.stream = wholeNumber('stream', stream);
  }

  /** How many numbers of the stream have been used; setting it goes there at once. */
  get position(): number {
    return this.#position;
  }

  set position(position: number) {
    this.#position = wholeNumber('position', position);
  }

  /** Fills `out` with uniforms in (0, 1): the middles of 2^23 equal cells, all exact in float32. */
  uniform(out: Float32Array): Float32Array {
    if (native !== null && out.length >= NATIVE_MINIMUM) {
      native.philoxUniform(out, this.seed, this.stream, this.#position);
      this.#position += out.length;
    } else {
      for (let i = 0; i < out.length; i++) out[i] = ((this.#word() >>> 9) + 0.5) * 2 ** -23;
    }
    return out;
  }

  /** Fills `out` with standard normals: the quantiles of the middles of 2^32 cells, rounded to float32. */
  normal(out: Float32Array): Float32Array {
    if (native !== null && out.length >= NATIVE_MINIMUM) {
      native.philoxNormal(out, this.seed, this.stream, this.#position);
      this.#position += out.length;
    } else {
      for (let i = 0; i < out.length; i++) out[i] = normalQuantile((this.#word() + 0.5) * 2 ** -32);
    }
    return out;
  }

  /** The numbers 0 to n − 1 in random order, each order equally likely (Fisher and Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.#below(i + 1);
      const swapped = order[i] as number;
      order[i] = order[j] as number;
      order[j] = swapped;
    }
    return order;
  }

  /** A whole number from 0 to bound − 1; the words that would favour the small ones are drawn again. */
  #below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const word = this.#word();
      if (word < limit) return word % bound;
    }
  }

  #word(): number {
    const index = Math.floor(this.#position / 4);
    if (index !== this.#blockIndex) {
      const { seed, stream } = this;
      philoxBlock(this.#block, [index, upper(index), stream, upper(stream)], [seed, upper(seed)]);
      this.#blockIndex = index;
    }
    const word = this.#block[this.#position % 4] as number;
    this.#position += 1;
    return word;
  }
}

function wholeNumber(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${name} ${value} is no safe integer from 0`);
  }
  return value;
}

/** The bits of a safe integer from the 32nd on, in two's complement. */
function upper(value: number): number {
  return Math.floor(value / 2 ** 32);
}

/**
 * The stream that belongs to a purpose and, where it has them, numbers such as an epoch: 53 bits of
 * two FNV-1a hashes, so that among a million streams two meet with probability below 10^-4.
 */
export function streamOf(purpose: string, ...numbers: readonly number[]): number {
  const text = [purpose, ...numbers].join('/');
  return (mixed(text, 0x811c9dc5) & 0x1fffff) * 2 ** 32 + mixed(text, 0x2f0b4c47);
}

/** FNV-1a from `start`, then the finaliser of MurmurHash3, which spreads the last letters over all bits. */
function mixed(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Ten rounds of Philox on one counter of four words under a key of two (each taken modulo 2^32). */
export function philoxBlock(
  out: Uint32Array,
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): void {
  let c0 = counter[0] >>> 0;
  let c1 = counter[1] >>> 0;
  let c2 = counter[2] >>> 0;
  let c3 = counter[3] >>> 0;
  let k0 = key[0] >>> 0;
  let k1 = key[1] >>> 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Upper 32 bits of a 32 x 32 bit product, from 16-bit halves, which doubles hold exactly. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536);
}
