/** Recurrent layers in plain doubles, step by step and unit by unit. */
import { type Doubles, entry, filled, sigmoid, sumOver } from './arrays.js';

/** How sequences are walked, in the names of the ops. */
export interface ReferenceWalk {
  readonly recurrentActivation?: 'sigmoid' | 'hardSigmoid';
  readonly reverse?: boolean;
}

/** h after every step [n, t, u] and the state after the last one, each [n, u]. */
export interface ReferenceWalked {
  readonly outputs: Doubles;
  readonly state: readonly Doubles[];
}

function gateOf({ recurrentActivation = 'sigmoid' }: ReferenceWalk): (x: number) => number {
  return recurrentActivation === 'sigmoid' ? sigmoid : (x) => Math.min(1, Math.max(0, 0.2 * x + 0.5));
}

/** Σ over the columns of a row of (row · matrix) at one of them. */
function dot(row: (k: number) => number, matrix: Doubles, column: number): number {
  return sumOver(
    [matrix.shape[0] as number],
    ([k]) => row(k as number) * entry(matrix, [k as number, column]),
  );
}

type Step = (row: number, step: number, before: readonly Doubles[]) => (unit: number) => number[];

function walkThrough(x: Doubles, initial: readonly Doubles[], reverse: boolean, step: Step): ReferenceWalked {
  const [n, steps] = x.shape as [number, number];
  const units = (initial[0] as Doubles).shape[1] as number;
  const outputs = filled([n, steps, units], () => 0);
  let state = initial;
  for (let index = 0; index < steps; index++) {
    const at = reverse ? steps - 1 - index : index;
    const before = state;
    const next = initial.map(() => filled([n, units], () => 0));
    for (let row = 0; row < n; row++) {
      const ofUnit = step(row, at, before);
      for (let unit = 0; unit < units; unit++) {
        ofUnit(unit).forEach((value, k) => {
          (next[k] as Doubles).values[row * units + unit] = value;
        });
        outputs.values[(row * steps + at) * units + unit] = (next[0] as Doubles).values[
          row * units + unit
        ] as number;
      }
    }
    state = next;
  }
  return { outputs, state };
}

/** An LSTM whose gates lie side by side as i f c o; the state is h and c. */
export function lstmReference(
  x: Doubles,
  [kernel, recurrent, bias]: readonly [Doubles, Doubles, Doubles],
  state: readonly Doubles[],
  walk: ReferenceWalk = {},
): ReferenceWalked {
  const gate = gateOf(walk);
  const units = recurrent.shape[0] as number;
  return walkThrough(x, state, walk.reverse ?? false, (row, step, [h, c]) => {
    const sum = (column: number) =>
      dot((k) => entry(x, [row, step, k]), kernel, column) +
      dot((k) => entry(h as Doubles, [row, k]), recurrent, column) +
      entry(bias, [column]);
    return (unit) => {
      const [i, f, g, o] = [0, 1, 2, 3].map((k) => sum(k * units + unit)) as [number, number, number, number];
      const cell = gate(f) * entry(c as Doubles, [row, unit]) + gate(i) * Math.tanh(g);
      return [gate(o) * Math.tanh(cell), cell];
    };
  });
}

/** A GRU whose gates lie side by side as z r h; two rows of the bias mean that the reset comes after the product. */
export function gruReference(
  x: Doubles,
  [kernel, recurrent, bias]: readonly [Doubles, Doubles, Doubles],
  state: readonly Doubles[],
  walk: ReferenceWalk = {},
): ReferenceWalked {
  const gate = gateOf(walk);
  const units = recurrent.shape[0] as number;
  const isAfter = bias.shape.length === 2;
  const inputBias = (column: number) => entry(bias, isAfter ? [0, column] : [column]);
  const stateBias = (column: number) => (isAfter ? entry(bias, [1, column]) : 0);
  return walkThrough(x, state, walk.reverse ?? false, (row, step, [h]) => {
    const before = (k: number) => entry(h as Doubles, [row, k]);
    const fromInput = (column: number) =>
      dot((k) => entry(x, [row, step, k]), kernel, column) + inputBias(column);
    const fromState = (column: number) => dot(before, recurrent, column) + stateBias(column);
    const reset = (unit: number) => gate(fromInput(units + unit) + fromState(units + unit));
    return (unit) => {
      const z = gate(fromInput(unit) + fromState(unit));
      const column = 2 * units + unit;
      const said = isAfter
        ? reset(unit) * fromState(column)
        : dot((k) => reset(k) * before(k), recurrent, column);
      return [z * before(unit) + (1 - z) * Math.tanh(fromInput(column) + said)];
    };
  });
}
