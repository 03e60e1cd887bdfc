import test, { type ExecutionContext } from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { gru, lstm, type RecurrentLayerWeights } from '../../src/ops/recurrent.js';
import { layers, type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { difference, leavesNoTensors } from '../flows/laws.js';
import { holdGradients, normals, relativeError, tensorOf } from '../gradients/law.js';
import type { Doubles } from '../gradients/reference/arrays.js';
import {
  gruReference,
  lstmReference,
  type ReferenceWalk,
  type ReferenceWalked,
} from '../gradients/reference/recurrent.js';
import { everywhere } from './matrices.js';

/** What the two ops have in common: [outputs, ...state] of x, three weights and the first state. */
interface Layer {
  readonly name: string;
  readonly gates: number;
  readonly states: number;
  readonly bias: (units: number) => number[];
  readonly run: (inputs: readonly Tensor[], walk?: ReferenceWalk) => Tensor[];
  readonly reference: (inputs: readonly Doubles[], walk?: ReferenceWalk) => ReferenceWalked;
}

function weightsOf([, kernel, recurrentKernel, bias]: readonly Tensor[]): RecurrentLayerWeights {
  return { kernel, recurrentKernel, bias } as RecurrentLayerWeights;
}

const LSTM: Layer = {
  name: 'lstm',
  gates: 4,
  states: 2,
  bias: (units) => [4 * units],
  run: (inputs, walk = {}) => {
    const [h, c] = inputs.slice(4) as Tensor2D[];
    const given = h === undefined || c === undefined ? {} : { initialState: { h, c } };
    const { outputs, state } = lstm(inputs[0] as Tensor, weightsOf(inputs), { ...walk, ...given });
    return [outputs, state.h, state.c];
  },
  reference: (inputs, walk) =>
    lstmReference(inputs[0] as Doubles, inputs.slice(1, 4) as never, inputs.slice(4), walk),
};

const gruWith = (name: string, bias: (units: number) => number[]): Layer => ({
  name,
  gates: 3,
  states: 1,
  bias,
  run: (inputs, walk = {}) => {
    const given = inputs[4] === undefined ? {} : { initialState: inputs[4] as Tensor2D };
    const { outputs, state } = gru(inputs[0] as Tensor, weightsOf(inputs), { ...walk, ...given });
    return [outputs, state];
  },
  reference: (inputs, walk) =>
    gruReference(inputs[0] as Doubles, inputs.slice(1, 4) as never, inputs.slice(4), walk),
});

const LAYERS: readonly Layer[] = [
  LSTM,
  gruWith('gru, reset before', (units) => [3 * units]),
  gruWith('gru, reset after', (units) => [2, 3 * units]),
];

const WALKS: readonly ReferenceWalk[] = [{}, { recurrentActivation: 'hardSigmoid' }, { reverse: true }];

interface Sizes {
  readonly n: number;
  readonly steps: number;
  readonly channels: number;
  readonly units: number;
}

/** Sequences, weights and a first state for a layer. */
function inputsOf({ gates, states, bias }: Layer, { n, steps, channels, units }: Sizes): Doubles[] {
  return [
    normals([n, steps, channels]),
    normals([channels, gates * units], 1 / Math.sqrt(channels)),
    normals([units, gates * units], 1 / Math.sqrt(units)),
    normals(bias(units), 0.5),
    ...Array.from({ length: states }, () => normals([n, units])),
  ];
}

for (const layer of LAYERS) {
  for (const walk of WALKS) {
    const name = `${layer.name}, ${JSON.stringify(walk)}`;
    test.serial(`first and second derivatives: ${name}`, (t) => {
      holdGradients(t, {
        name,
        op: (...inputs) => tf.concat(layer.run(inputs, walk).map((part) => tf.reshape(part, [-1]))),
        reference: (...inputs) => {
          const { outputs, state } = layer.reference(inputs, walk);
          const values = Float64Array.from([outputs, ...state].flatMap((part) => [...part.values]));
          return { shape: [values.length], values };
        },
        // Weights so small that no gate comes near to where a hard one bends.
        inputs: inputsOf(layer, { n: 2, steps: 3, channels: 2, units: 2 }).map(({ shape, values }) => ({
          shape,
          values: values.map((value) => Math.fround(value * 0.5)),
        })),
      });
    });
  }

  everywhere(`${layer.name}: outputs and states are those of doubles`, (t) => {
    const sizes: readonly Sizes[] = [
      { n: 1, steps: 1, channels: 1, units: 1 },
      { n: 3, steps: 4, channels: 5, units: 17 },
      { n: 2, steps: 200, channels: 3, units: 6 },
    ];
    for (const size of sizes) {
      for (const walk of WALKS) {
        leavesNoTensors(t, () => {
          const inputs = inputsOf(layer, size);
          const { outputs, state } = layer.reference(inputs, walk);
          layer.run(inputs.map(tensorOf), walk).forEach((found, k) => {
            const expected = [outputs, ...state][k] as Doubles;
            t.deepEqual(found.shape, expected.shape);
            const error = relativeError(found, expected.values);
            t.true(error < 5e-6, `${JSON.stringify({ size, walk, k })}: ${error}`);
          });
        });
      }
    }
  });

  everywhere(`${layer.name}: a sequence may be walked in two goes`, (t) => {
    leavesNoTensors(t, () => {
      const inputs = inputsOf(layer, { n: 4, steps: 9, channels: 3, units: 8 }).map(tensorOf);
      const [x, kernel, recurrentKernel, bias, ...state] = inputs as [Tensor, Tensor, Tensor, Tensor];
      const whole = layer.run(inputs);
      const [early, late] = tf.split(x, [5, 4], 1) as [Tensor, Tensor];
      const [before, ...middle] = layer.run([early, kernel, recurrentKernel, bias, ...state]);
      const [after, ...last] = layer.run([late, kernel, recurrentKernel, bias, ...middle]);
      const joined = [tf.concat([before as Tensor, after as Tensor], 1), ...last];
      joined.forEach((part, k) => {
        t.true(difference(part, whole[k] as Tensor) < 1e-6);
      });
    });
  });

  everywhere(`${layer.name}: walking in reverse is walking what was turned round`, (t) => {
    leavesNoTensors(t, () => {
      const inputs = inputsOf(layer, { n: 3, steps: 7, channels: 3, units: 5 }).map(tensorOf);
      const [x, ...rest] = inputs as [Tensor];
      const [outputs, ...state] = layer.run([tf.reverse(x, 1), ...rest], { reverse: true });
      [tf.reverse(outputs as Tensor, 1), ...state].forEach((part, k) => {
        t.true(difference(part, layer.run(inputs)[k] as Tensor) < 1e-6);
      });
    });
  });

  everywhere(`${layer.name}: no rows have no outputs, and gradients of zero`, (t) => {
    leavesNoTensors(t, () => {
      const inputs = inputsOf(layer, { n: 0, steps: 3, channels: 2, units: 4 }).map(tensorOf);
      const shapes = layer.run(inputs).map(({ shape }) => shape);
      t.deepEqual(shapes, [[0, 3, 4], ...Array.from({ length: layer.states }, () => [0, 4])]);
      const loss = (kernel: Tensor) => {
        const [x, , ...rest] = inputs as [Tensor, Tensor];
        return tf.sum(layer.run([x, kernel, ...rest])[0] as Tensor);
      };
      const gradient = tf.grad(loss)(inputs[1] as Tensor);
      t.true(gradient.dataSync().every((value) => value === 0));
    });
  });

  test.serial(`${layer.name}: states and biases that are left out are zeros`, (t) => {
    leavesNoTensors(t, () => {
      const inputs = inputsOf(layer, { n: 2, steps: 3, channels: 2, units: 4 }).map(tensorOf);
      const [x, kernel, recurrentKernel] = inputs as [Tensor, Tensor, Tensor];
      const zeros = [
        tf.zeros([layer.gates * 4]),
        ...Array.from({ length: layer.states }, () => tf.zeros([2, 4])),
      ];
      const weights = { kernel, recurrentKernel };
      const { outputs } = layer.states === 2 ? lstm(x, weights) : gru(x, weights);
      const expected = layer.run([x, kernel, recurrentKernel, ...zeros])[0] as Tensor;
      t.deepEqual(outputs.dataSync(), expected.dataSync());
    });
  });
}

everywhere('the layers of tfjs-layers and the ops exchange their weights', (t) => {
  leavesNoTensors(t, () => {
    const x = tensorOf(normals([3, 6, 4]));
    for (const kind of ['lstm', 'gru'] as const) {
      for (const recurrentActivation of ['sigmoid', 'hardSigmoid'] as const) {
        const options = { units: 5, returnSequences: true, recurrentActivation } as const;
        const initializers = {
          recurrentInitializer: 'glorotNormal',
          biasInitializer: 'randomNormal',
        } as const;
        const layer = layers.layers[kind]({ ...options, ...initializers });
        const expected = layer.apply(x) as Tensor;
        const [kernel, recurrentKernel, bias] = layer.getWeights() as [Tensor, Tensor, Tensor];
        const op = kind === 'lstm' ? lstm : gru;
        const { outputs } = op(x, { kernel, recurrentKernel, bias }, { recurrentActivation });
        t.true(difference(outputs, expected) < 1e-6, `${kind}, ${recurrentActivation}`);
        layer.dispose();
      }
    }
  });
});

test.serial('shapes and types that do not fit are refused', (t) => {
  tf.tidy(() => {
    const weights = { kernel: tf.ones([2, 12]), recurrentKernel: tf.ones([3, 12]), bias: tf.ones([12]) };
    const x = tf.ones([4, 5, 2]);
    const h = tf.ones<tf.Rank.R2>([4, 3]);
    holdRefusal(t, () => lstm(tf.ones([4, 2]), weights), /lstm: x is float32 \[4, 2\]/);
    holdRefusal(t, () => lstm(tf.ones([4, 0, 2]), weights), /lstm: x is float32 \[4, 0, 2\]/);
    holdRefusal(t, () => lstm(tf.ones([4, 5, 2], 'int32'), weights), /x is int32/);
    holdRefusal(t, () => lstm(tf.ones([4, 5, 3]), weights), /kernel is float32 \[2, 12\]; .* \[3, 12\]/);
    holdRefusal(t, () => lstm(x, { ...weights, recurrentKernel: tf.ones([4, 12]) }), /recurrentKernel/);
    holdRefusal(t, () => lstm(x, { ...weights, bias: tf.ones([2, 12]) }), /bias/);
    holdRefusal(t, () => lstm(x, weights, { initialState: { h, c: tf.ones([3, 3]) } }), /initialState/);
    holdRefusal(t, () => gru(x, weights), /gru: recurrentKernel/);
  });
});

function holdRefusal(t: ExecutionContext, call: () => unknown, message: RegExp): void {
  const error = t.throws(call, { instanceOf: PushforwardError, message });
  t.is(error?.code, 'shape');
}
