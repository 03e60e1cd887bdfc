import type { FlowSpec } from '../../src/native/spec.js';
import { feed, flowOf, row } from './flows.js';
import { referenceForward } from './reference.js';
import { nativeTest, onEveryLevel } from './support.js';

/** Half an ulp of numbers near 1. */
const ROUNDING = 2 ** -24;

/**
 * How far rounding what enters each layer moves the flow's outputs at a row, to first order: the
 * condition of the map, as |∂ output / ∂ state| · (1 + |state|) · 2^-24 summed over the states.
 */
function rounded(spec: FlowSpec, p: Float64Array, x: number[], context: number[]): number[] {
  const total = new Array<number>(spec.dim + 1).fill(0);
  let state = x;
  spec.layers.forEach((layer, l) => {
    const rest = { ...spec, layers: spec.layers.slice(l) };
    const outputs = (at: number[]) => {
      const { values, logDet } = referenceForward(rest, p, at, context);
      return [...values, logDet];
    };
    const here = outputs(state);
    state.forEach((value, j) => {
      const step = 1e-7 * (1 + Math.abs(value));
      const moved = outputs(state.with(j, value + step));
      moved.forEach((output, k) => {
        const slope = Math.abs(output - (here[k] as number)) / step;
        total[k] = (total[k] as number) + slope * (1 + Math.abs(value)) * ROUNDING;
      });
    });
    state = referenceForward({ ...spec, layers: [layer] }, p, state, context).values;
  });
  return total;
}

// Random splines have slopes from 1e-6 to 1e2 and multiply what rounding does to other layers. No fixed
// tolerance fits that: results have to be as near as rounding every layer's input once leaves them.
for (const scale of [0.3, 0.8]) {
  nativeTest(
    `splines among affine and additive layers, weights of ${scale}: as exact as their condition`,
    (t, addon) => {
      const spec = flowOf({
        dim: 6,
        contextDim: 2,
        hidden: [10, 8],
        activation: 'silu',
        spline: { bins: 8, bound: 3 },
        mixed: true,
      });
      const rows = 14;
      const { parameters, x, context } = feed(spec, rows, scale);
      const p = Float64Array.from(parameters);
      const plan = new addon.FlowPlan(spec);
      const check = (name: string, from: Float32Array, z: Float32Array, logDet: Float32Array) => {
        let worst = 0;
        for (let r = 0; r < rows; r++) {
          const [at, condition] = [row(from, spec.dim, r), row(context, spec.contextDim, r)];
          const allowed = rounded(spec, p, at, condition);
          const exact = referenceForward(spec, p, at, condition);
          [...exact.values, exact.logDet].forEach((value, k) => {
            const found = k < spec.dim ? z[r * spec.dim + k] : logDet[r];
            const error = Math.abs((found as number) - value) / ((allowed[k] as number) + ROUNDING);
            if (!(error <= worst)) worst = error;
          });
        }
        t.true(worst < 12, `${name}: ${worst} times what rounding leaves`);
      };
      onEveryLevel(addon, (level) => {
        const [z, logDet] = [new Float32Array(x.length), new Float32Array(rows)];
        const [back, backLogDet] = [new Float32Array(x.length), new Float32Array(rows)];
        plan.forward(parameters, x, context, z, logDet);
        check(`forward on ${level}`, x, z, logDet);
        // Where a spline is flat many x have one z in float32: what comes back need not be x, but it has
        // to be one of them.
        plan.inverse(parameters, z, context, back, backLogDet);
        check(
          `inverse on ${level}`,
          back,
          z,
          backLogDet.map((value) => -value),
        );
      });
    },
  );
}
