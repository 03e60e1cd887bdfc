import { erf } from './reference.js';
import { nativeTest, onEveryLevel, type TestedAddon } from './support.js';

interface Claim {
  readonly exact: (x: number) => number;
  /** Greatest error in units in the last place, with hardware fma and without: what simd_math.h says. */
  readonly fused: number;
  readonly unfused: number;
}

const claims: Record<string, Claim> = {
  exp: { exact: Math.exp, fused: 1, unfused: 2 },
  expm1: { exact: Math.expm1, fused: 2, unfused: 2 },
  log: { exact: Math.log, fused: 1, unfused: 2 },
  log1p: { exact: Math.log1p, fused: 2, unfused: 2 },
  softplus: { exact: (x) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x))), fused: 3, unfused: 3 },
  tanh: { exact: Math.tanh, fused: 3, unfused: 3 },
  sigmoid: { exact: (x) => 1 / (1 + Math.exp(-x)), fused: 3, unfused: 3 },
  sinPi: { exact: (x) => sinPi(x), fused: 2, unfused: 2 },
  cosPi: { exact: (x) => sinPi((Math.abs(x) % 2) + 0.5), fused: 2, unfused: 2 },
  erf: { exact: erf, fused: 2, unfused: 3 },
};

/** sin(πx), from quarter turns that are taken away exactly. */
function sinPi(x: number): number {
  const quarters = Math.round(2 * (x % 2));
  const rest = Math.PI * ((x % 2) - quarters / 2);
  return [Math.sin(rest), Math.cos(rest), -Math.sin(rest), -Math.cos(rest)][(quarters + 8) % 4] as number;
}

/** Floats over all exponents and signs, and densely where the functions bend. */
function arguments32(): Float32Array {
  const spread = new Float32Array(Uint32Array.from({ length: 120_000 }, (_, i) => i * 35_791).buffer);
  const dense = Float32Array.from({ length: 60_000 }, (_, i) => (i - 30_000) / 3_000);
  const wide = Float32Array.from({ length: 20_000 }, (_, i) => (i - 10_000) / 90);
  const nearOne = Float32Array.from({ length: 2_000 }, (_, i) => 1 + (i - 1_000) * 2 ** -24);
  return Float32Array.from([...spread, ...dense, ...wide, ...nearOne]);
}

function applied(addon: TestedAddon, name: string, x: Float32Array): Float32Array {
  const out = new Float32Array(x.length);
  addon.vectorMath(name, x, out);
  return out;
}

/** |value − exact| in units in the last place of float32 at `exact`; smallest normal and below count as one binade. */
function unitsApart(value: number, exact: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))));
  return Math.abs(value - exact) / 2 ** (exponent - 23);
}

const SMALLEST_NORMAL = 2 ** -126;
const GREATEST = 2 ** 128 * (1 - 2 ** -24);

nativeTest('functions are within their stated error', (t, addon) => {
  const x = arguments32();
  for (const [name, { exact, fused, unfused }] of Object.entries(claims)) {
    const truth = Float64Array.from(x, exact);
    onEveryLevel(addon, (level) => {
      const out = applied(addon, name, x);
      let worst = 0;
      let worstAt = Number.NaN;
      let strange = 0;
      for (let i = 0; i < x.length; i++) {
        const [value, expected] = [out[i] as number, truth[i] as number];
        if (Number.isNaN(expected)) {
          if (!Number.isNaN(value)) strange++;
        } else if (Math.abs(expected) > GREATEST) {
          // Infinite, or the last finite float where rounding decides.
          if (Math.sign(value) !== Math.sign(expected) || Math.abs(value) < 3.4028e38) strange++;
        } else if (Math.abs(expected) >= SMALLEST_NORMAL) {
          const apart = unitsApart(value, expected);
          if (!(apart <= worst)) [worst, worstAt] = [apart, x[i] as number];
        } else if (unitsApart(value, expected) > 4) {
          strange++;
        }
      }
      t.is(strange, 0, `${name} on ${level}: infinities, NaN and denormals`);
      const limit = level === 'portable' ? unfused : fused;
      t.true(worst <= limit, `${name} on ${level}: ${worst} units at ${worstAt}`);
      t.log(`${name} on ${level}: ${worst.toFixed(2)} ulp`);
    });
  }
});

nativeTest('values where nothing may be lost', (t, addon) => {
  const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
  const cases: Record<string, [number, number][]> = {
    exp: [
      [0, 1],
      [-0, 1],
      [inf, inf],
      [-inf, 0],
      [89, inf],
      [-105, 0],
      [nan, nan],
    ],
    expm1: [
      [0, 0],
      [inf, inf],
      [-inf, -1],
      [-40, -1],
      [2 ** -149, 2 ** -149],
      [nan, nan],
    ],
    log: [
      [1, 0],
      [0, -inf],
      [-0, -inf],
      [inf, inf],
      [-1, nan],
      [-inf, nan],
      [nan, nan],
    ],
    log1p: [
      [0, 0],
      [-1, -inf],
      [inf, inf],
      [-1.5, nan],
      [2 ** -149, 2 ** -149],
      [nan, nan],
    ],
    softplus: [
      [inf, inf],
      [-inf, 0],
      [1e4, 1e4],
      [-1e4, 0],
      [nan, nan],
    ],
    tanh: [
      [0, 0],
      [inf, 1],
      [-inf, -1],
      [20, 1],
      [2 ** -140, 2 ** -140],
      [nan, nan],
    ],
    sigmoid: [
      [0, 0.5],
      [inf, 1],
      [-inf, 0],
      [200, 1],
      [-200, 0],
      [nan, nan],
    ],
    sinPi: [
      [0, 0],
      [0.5, 1],
      [-0.5, -1],
      [1, 0],
      [2 ** 100, 0],
      [inf, nan],
      [nan, nan],
    ],
    cosPi: [
      [0, 1],
      [0.5, 0],
      [1, -1],
      [-3, -1],
      [2 ** 100, 1],
      [-inf, nan],
      [nan, nan],
    ],
    erf: [
      [0, 0],
      [inf, 1],
      [-inf, -1],
      [5, 1],
      [-5, -1],
      [nan, nan],
    ],
  };
  onEveryLevel(addon, (level) => {
    for (const [name, pairs] of Object.entries(cases)) {
      const out = applied(
        addon,
        name,
        Float32Array.from(pairs, ([x]) => x),
      );
      pairs.forEach(([x, expected], i) => {
        const value = out[i] as number;
        t.true(Object.is(value, expected) || value === expected, `${name}(${x}) is ${value} on ${level}`);
      });
    }
  });
});

nativeTest('arrays of any length: the rest is as the whole', (t, addon) => {
  const x = Float32Array.from({ length: 40 }, (_, i) => i / 7 - 3);
  onEveryLevel(addon, () => {
    const whole = applied(addon, 'tanh', x);
    for (let length = 0; length < 40; length++) {
      const memory = new Float32Array(42).fill(7);
      addon.vectorMath('tanh', x.subarray(0, length), memory.subarray(1, 1 + length));
      t.deepEqual([...memory.subarray(1, 1 + length)], [...whole.subarray(0, length)]);
      t.true(memory[0] === 7 && memory.subarray(1 + length).every((value) => value === 7));
    }
  });
});
