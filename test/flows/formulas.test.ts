import test from 'ava';
import { ActNorm } from '../../src/flows/actNorm.js';
import { AdditiveCoupling } from '../../src/flows/additiveCoupling.js';
import { AffineCoupling } from '../../src/flows/affineCoupling.js';
import type { Bijection, LayerSpec } from '../../src/flows/bijection.js';
import { InverseAutoregressive } from '../../src/flows/inverseAutoregressive.js';
import { LuLinear } from '../../src/flows/luLinear.js';
import { MaskedAutoregressive } from '../../src/flows/maskedAutoregressive.js';
import { Permutation } from '../../src/flows/permutation.js';
import { FlatParameters } from '../../src/ops/flatParameters.js';
import { tf } from '../../src/tf.js';
import { normalMatrix, normals } from './laws.js';

/** One row by the formula of src/native/spec.ts, in double; `parameters` by name, row-major. */
type Formula = (x: number[], parameters: Record<string, number[]>, context: number[]) => number[];

function follows(name: string, bijection: Bijection, formula: Formula): void {
  test(`${name} is the formula that the native plan is told`, (t) => {
    const { dim, contextDim } = bijection;
    const flat = new FlatParameters(bijection.parameters, 0);
    flat.assign(normals(flat.count, 95, 0.5));
    tf.tidy(() => {
      const slices = flat.slices();
      const named = Object.fromEntries(
        (bijection.spec(flat.layout) as LayerSpec).parameters.map((slice, i) => [
          slice.name,
          [...(slices[i]?.dataSync() ?? [])],
        ]),
      );
      const x = normalMatrix(4, dim, 96);
      const context = normalMatrix(4, contextDim, 97);
      const y = bijection.forward(x, slices, contextDim > 0 ? context : undefined).y.arraySync();
      x.arraySync().forEach((row, i) => {
        const expected = formula(row, named, context.arraySync()[i] ?? []);
        t.is(expected.length, dim);
        expected.forEach((value, j) => {
          t.true(
            Math.abs((y[i]?.[j] as number) - value) < 1e-5 * (1 + Math.abs(value)),
            `row ${i}, column ${j}`,
          );
        });
      });
    });
    flat.dispose();
  });
}

/** Element [i, j] of a row-major matrix. */
function at(matrix: number[] | undefined, columns: number, i: number, j: number): number {
  return matrix?.[i * columns + j] as number;
}

follows('actNorm', new ActNorm(3), (x, { bias, logScale }) =>
  x.map((value, i) => (value + (bias?.[i] as number)) * Math.exp(logScale?.[i] as number)),
);

follows('permutation', new Permutation([2, 0, 3, 1]), (x) => [x[2], x[0], x[3], x[1]] as number[]);

follows('luLinear', new LuLinear(3), (x, { lu, bias }) => {
  const upper = x.map((_, i) =>
    x.reduce((sum, value, j) => {
      if (j < i) return sum;
      return sum + (i === j ? Math.exp(at(lu, 3, i, i)) : at(lu, 3, i, j)) * value;
    }, 0),
  );
  return upper.map((value, i) =>
    upper
      .slice(0, i)
      .reduce((sum, before, j) => sum + at(lu, 3, i, j) * before, value + (bias?.[i] as number)),
  );
});

const coupling = {
  dim: 5,
  contextDim: 2,
  identity: [3, 1],
  transformed: [4, 0, 2],
  hidden: [4, 6],
};

/** The network of a coupling with two hidden layers, on its identity columns and the context. */
function perceive(x: number[], parameters: Record<string, number[]>, context: number[], outputs: number) {
  let h = [...coupling.identity.map((column) => x[column] as number), ...context];
  [...coupling.hidden, outputs].forEach((width, k) => {
    const linear = Array.from({ length: width }, (_, j) =>
      h.reduce(
        (sum, value, i) => sum + value * at(parameters[`weight${k}`], width, i, j),
        parameters[`bias${k}`]?.[j] as number,
      ),
    );
    h = k < 2 ? linear.map(Math.tanh) : linear;
  });
  return h;
}

follows(
  'affineCoupling',
  new AffineCoupling({ ...coupling, logScaleBound: 1.5, activation: 'tanh' }),
  (x, parameters, context) => {
    const h = perceive(x, parameters, context, 6);
    const y = [...x];
    coupling.transformed.forEach((column, k) => {
      const logScale = 1.5 * Math.tanh((h[k] as number) / 1.5);
      y[column] = (x[column] as number) * Math.exp(logScale) + (h[3 + k] as number);
    });
    return y;
  },
);

follows(
  'additiveCoupling',
  new AdditiveCoupling({ ...coupling, activation: 'tanh' }),
  (x, parameters, context) => {
    const shift = perceive(x, parameters, context, 3);
    const y = [...x];
    coupling.transformed.forEach((column, k) => {
      y[column] = (x[column] as number) + (shift[k] as number);
    });
    return y;
  },
);

const autoregressive = {
  dim: 3,
  contextDim: 2,
  hidden: [6, 4],
  activation: 'tanh',
  order: [2, 0, 1],
} as const;
// Which of the variables each unit sees, written out: two units of each degree, then one or two.
const unitDegrees = [
  [0, 0, 1, 1, 2, 2],
  [0, 0, 1, 2],
];

/** s and t of variable k, from the context and the variables before it. */
function scaleAndShift(
  variables: number[],
  parameters: Record<string, number[]>,
  context: number[],
  k: number,
): [number, number] {
  let h = [...context, ...variables];
  let degrees = [0, 0, 1, 2, 3];
  [...unitDegrees, [0, 0, 1, 1, 2, 2]].forEach((columns, l) => {
    const linear = columns.map((degree, j) =>
      h.reduce(
        (sum, value, i) =>
          (degrees[i] as number) > degree
            ? sum
            : sum + value * at(parameters[`weight${l}`], columns.length, i, j),
        parameters[`bias${l}`]?.[j] as number,
      ),
    );
    h = l < 2 ? linear.map(Math.tanh) : linear;
    degrees = columns;
  });
  return [2 * Math.tanh((h[2 * k] as number) / 2), h[2 * k + 1] as number];
}

follows('maskedAutoregressive', new MaskedAutoregressive(autoregressive), (x, parameters, context) => {
  const y = [...x];
  const variables = autoregressive.order.map((column) => x[column] as number);
  autoregressive.order.forEach((column, k) => {
    const [logScale, shift] = scaleAndShift(variables, parameters, context, k);
    y[column] = (x[column] as number) * Math.exp(logScale) + shift;
  });
  return y;
});

follows('inverseAutoregressive', new InverseAutoregressive(autoregressive), (x, parameters, context) => {
  const y = [...x];
  const variables = [0, 0, 0];
  autoregressive.order.forEach((column, k) => {
    const [logScale, shift] = scaleAndShift(variables, parameters, context, k);
    y[column] = ((x[column] as number) - shift) * Math.exp(-logScale);
    variables[k] = y[column] as number;
  });
  return y;
});

test('the native plan is told the degrees that the definition has', (t) => {
  const spec = new MaskedAutoregressive(autoregressive).spec([]);
  t.deepEqual(spec.degrees, unitDegrees);
});
