import type { Random } from '../random.js';

/** A law in the plane that rows can be drawn from. */
export interface ToyLaw {
  /** n rows [n · 2], one after the other. */
  draw(n: number, random: Random): Float32Array;
}

/** Equal Gaussians around centres. */
export interface MixtureLaw extends ToyLaw {
  readonly centres: readonly (readonly [number, number])[];
  readonly deviation: number;
}

/** 8 modes on the unit circle with deviation 0.01: the ring of PacGAN (Lin et al. 2018, section 4.1). */
export const ring: MixtureLaw = mixture(
  Array.from({ length: 8 }, (_, k) => [Math.cos((2 * Math.PI * k) / 8), Math.sin((2 * Math.PI * k) / 8)]),
  0.01,
);

/** 25 modes at {−4, −2, 0, 2, 4}² with deviation 0.05: its grid. */
export const grid: MixtureLaw = mixture(
  Array.from({ length: 25 }, (_, k) => [2 * Math.floor(k / 5) - 4, 2 * (k % 5) - 4]),
  0.05,
);

/**
 * Two half circles of radius 1 that reach into each other, around (0, 0) and (1, 0.5), with Gaussian noise: the moons
 * of scikit-learn, which the introduction's Real NVP is fitted to (Ruthotto and Haber 2021) with noise 0.05.
 */
export function moons(noise = 0.05): ToyLaw {
  return {
    draw(n, random) {
      const u = random.uniform(new Float32Array(2 * n));
      const rows = random.normal(new Float32Array(2 * n)).map((value) => noise * value);
      for (let i = 0; i < n; i++) {
        const angle = Math.PI * (u[2 * i] as number);
        const [x, y] = [Math.cos(angle), Math.sin(angle)];
        const upper = (u[2 * i + 1] as number) < 0.5;
        rows[2 * i] = (rows[2 * i] as number) + (upper ? x : 1 - x);
        rows[2 * i + 1] = (rows[2 * i + 1] as number) + (upper ? y : 0.5 - y);
      }
      return rows;
    },
  };
}

function mixture(centres: readonly (readonly [number, number])[], deviation: number): MixtureLaw {
  return {
    centres,
    deviation,
    draw(n, random) {
      const u = random.uniform(new Float32Array(n));
      const rows = random.normal(new Float32Array(2 * n));
      for (let i = 0; i < n; i++) {
        const centre = centres[Math.floor((u[i] as number) * centres.length)] as readonly [number, number];
        for (const k of [0, 1] as const)
          rows[2 * i + k] = centre[k] + deviation * (rows[2 * i + k] as number);
      }
      return rows;
    },
  };
}
