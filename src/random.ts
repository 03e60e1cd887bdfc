import { loadAddon } from './native/index.js';

/** Below this many numbers a call into the addon costs more than it saves. */
const NATIVE_MINIMUM = 64;

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/**
 * Philox 4x32-10 (Salmon et al. 2011): a counter-based generator. Number p of stream s is lane p mod 4
 * of the block with counter (p div 4, s) under the seed as key, so a draw is a function of (seed,
 * stream, position) alone: nothing needs to be saved to go on, and streams never meet. The addon's
 * generator gives the same bits.
 */
export class Random {
  readonly seed: number;
  readonly stream: number;
  /** How many numbers of the stream have been used. */
  position = 0;

  /** `seed` a whole number from 0 to 2^53 − 1; `stream` one from 0 to 2^32 − 1, such as `streamOf` gives. */
  constructor(seed: number, stream = 0) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed ${seed} is no whole number from 0`);
    if (stream >>> 0 !== stream) throw new RangeError(`stream ${stream} is no whole number from 0 to 2^32 - 1`);
    this.seed = seed;
    this.stream = stream;
  }

  /** Fills `out` with uniforms in (0, 1): the middles of 2^23 equal cells, all exact in float32. */
  uniform(out: Float32Array): Float32Array {
    const addon = out.length < NATIVE_MINIMUM ? null : loadAddon();
    if (addon === null) {
      this.#draw(out.length, (word, i) => {
        out[i] = ((word >>> 9) + 0.5) * 2 ** -23;
      });
    } else {
      addon.philoxUniform(out, this.seed, this.stream, this.position);
      this.position += out.length;
    }
    return out;
  }

  /** Fills `out` with standard normals: the normal quantile of the middles of 2^32 cells, rounded to float32. */
  normal(out: Float32Array): Float32Array {
    const addon = out.length < NATIVE_MINIMUM ? null : loadAddon();
    if (addon === null) {
      this.#draw(out.length, (word, i) => {
        out[i] = normalQuantile((word + 0.5) * 2 ** -32);
      });
    } else {
      addon.philoxNormal(out, this.seed, this.stream, this.position);
      this.position += out.length;
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
      let drawn = 0;
      this.#draw(1, (word) => {
        drawn = word;
      });
      if (drawn < limit) return drawn % bound;
    }
  }

  #draw(count: number, take: (word: number, i: number) => void): void {
    const block = new Uint32Array(4);
    let current = -1;
    for (let i = 0; i < count; i++) {
      const index = Math.floor(this.position / 4);
      if (index !== current) {
        philoxBlock(block, [index, Math.floor(index / 2 ** 32), this.stream, 0], [this.seed, Math.floor(this.seed / 2 ** 32)]);
        current = index;
      }
      take(block[this.position % 4] as number, i);
      this.position += 1;
    }
  }
}

/** The stream that belongs to a purpose and, where it has them, numbers such as an epoch: a hash of both (FNV-1a). */
export function streamOf(purpose: string, ...numbers: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from([purpose, ...numbers].join('/'))) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Ten rounds of Philox on one counter of four words under a key of two (each taken modulo 2^32). */
export function philoxBlock(
  out: Uint32Array,
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): void {
  let [c0, c1, c2, c3] = counter.map((word) => word >>> 0) as [number, number, number, number];
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

type Coefficients = readonly [number, number, number, number, number, number, number, number];

const CENTRE_NUMERATOR: Coefficients = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
  67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
];
const CENTRE_DENOMINATOR: Coefficients = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
  28729.085735721942674, 5226.495278852854561,
];
const MIDDLE_NUMERATOR: Coefficients = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
];
const MIDDLE_DENOMINATOR: Coefficients = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];
const TAIL_NUMERATOR: Coefficients = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123, 0.026532189526576123093,
  0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
];
const TAIL_DENOMINATOR: Coefficients = [
  1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
];

/**
 * Quantile of N(0, 1) at 0 < p < 1 to about 16 digits (Wichura 1988, algorithm AS 241, PPND16). It uses
 * nothing but the operations that IEEE 754 defines to the last bit, so that every platform and the
 * addon agree on it.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRE_NUMERATOR, r)) / polynomial(CENTRE_DENOMINATOR, r);
  }
  const r = Math.sqrt(-naturalLog(q < 0 ? p : 1 - p));
  const z =
    r <= 5
      ? polynomial(MIDDLE_NUMERATOR, r - 1.6) / polynomial(MIDDLE_DENOMINATOR, r - 1.6)
      : polynomial(TAIL_NUMERATOR, r - 5) / polynomial(TAIL_DENOMINATOR, r - 5);
  return q < 0 ? -z : z;
}

function polynomial(c: Coefficients, x: number): number {
  return ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x + c[0];
}

const bits = new DataView(new ArrayBuffer(8));
const LOG_TERMS = 12;

/**
 * Logarithm of a normal double x > 0 from x = 2^e · m with m in [√½, √2), log m = 2 artanh((m − 1) / (m + 1)).
 * Math.log would do but for its last bit, which differs from one engine and C library to the next.
 */
function naturalLog(x: number): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | (1023 << 20));
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let series = 0;
  for (let k = LOG_TERMS; k >= 0; k--) series = series * square + 1 / (2 * k + 1);
  return exponent * Math.LN2 + 2 * s * series;
}
