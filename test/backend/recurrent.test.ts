import test, { type ExecutionContext } from 'ava';
import { NATIVE_BACKEND } from '../../src/backend/registry.js';
import { addonProblem } from '../../src/native/index.js';
import { gru, lstm } from '../../src/ops/recurrent.js';
import { layers, type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { nativeTest, onEveryLevel } from '../native/support.js';
import { normals } from './cases/inputs.js';
import { recurrentInputs } from './cases/recurrent.js';
import { difference, type Output, outputsOn } from './run.js';

type Sizes = readonly [number, number, number, number];

interface Kind {
  readonly name: string;
  readonly gates: number;
  readonly bias: (units: number) => number[];
  readonly reverse: boolean;
}

const KINDS: readonly Kind[] = [
  { name: 'lstm', gates: 4, bias: (units) => [4 * units], reverse: false },
  { name: 'lstm in reverse', gates: 4, bias: (units) => [4 * units], reverse: true },
  { name: 'gru, reset before', gates: 3, bias: (units) => [3 * units], reverse: true },
  { name: 'gru, reset after', gates: 3, bias: (units) => [2, 3 * units], reverse: false },
];

function weighted(part: Tensor, stream: number): tf.Scalar {
  return tf.sum(tf.mul(part, tf.tensor(normals(part.shape, stream).values, part.shape)));
}

/** A loss that every output and state enters, and its gradients with respect to all that goes in. */
function pullBack(backend: string, { gates, bias, reverse }: Kind, sizes: Sizes): Output[] {
  const inputs = Object.values(recurrentInputs(gates, sizes, bias(sizes[3])));
  return outputsOn(backend, () => {
    const tensors = inputs.map(({ values, shape }) => tf.tensor(values.slice(), shape));
    const loss = (...args: Tensor[]) => {
      const [x, kernel, recurrentKernel, bias] = args as [Tensor, Tensor, Tensor, Tensor];
      const [h, c] = args.slice(4) as [Tensor2D, Tensor2D?];
      const weights = { kernel, recurrentKernel, bias };
      if (c === undefined) {
        const { outputs, state } = gru(x, weights, { reverse, initialState: h });
        return tf.add<tf.Scalar>(weighted(outputs, 97), weighted(state, 98));
      }
      const { outputs, state } = lstm(x, weights, { reverse, initialState: { h, c } });
      return tf.addN([weighted(outputs, 97), weighted(state.h, 98), weighted(state.c, 99)]) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(loss)(tensors);
    return [value, ...grads];
  });
}

for (const kind of KINDS) {
  nativeTest(`gradients are those of the definition, on every path: ${kind.name}`, (t, addon) => {
    for (const sizes of [
      [1, 1, 1, 1],
      [5, 4, 3, 7],
      [33, 5, 20, 40],
      [3, 2, 4, 150],
    ] as const) {
      const expected = pullBack('cpu', kind, sizes);
      onEveryLevel(addon, (level) => {
        const wrong = difference(pullBack(NATIVE_BACKEND, kind, sizes), expected, {
          relative: 2e-5,
          absolute: 1e-5 * Math.sqrt(sizes[0] * sizes[1]),
        });
        t.is(wrong, undefined, `${level}, ${sizes}`);
      });
    }
  });

  nativeTest(`the same bits on 1, 2 and 3 threads, on every path: ${kind.name}`, (t, addon) => {
    const sizes = [101, 6, 9, 64] as const;
    onEveryLevel(addon, (level) => {
      addon.setThreads(1);
      const alone = pullBack(NATIVE_BACKEND, kind, sizes);
      for (const threads of [2, 3]) {
        addon.setThreads(threads);
        t.is(difference(pullBack(NATIVE_BACKEND, kind, sizes), alone), undefined, `${level}, ${threads}`);
      }
    });
  });
}

type LayerKind = 'lstm' | 'gru';
type LayerOptions = Parameters<typeof layers.layers.lstm>[0];

/** The orthogonal matrices that tfjs begins with need its chained methods. */
const PLAIN: LayerOptions = {
  units: 6,
  recurrentInitializer: 'glorotNormal',
  biasInitializer: 'randomNormal',
};

/** Layers that run in one kernel. */
const FUSED: readonly Partial<LayerOptions>[] = [
  {},
  { returnSequences: true, recurrentActivation: 'sigmoid' },
  { returnSequences: true, goBackwards: true },
  { goBackwards: true, returnState: true, useBias: false },
  { stateful: true, batchInputShape: [3, 5, 2] },
  { dropout: 0.3, recurrentDropout: 0.2 },
];

/** What a layer says to a batch and, where it has a memory, to the same batch again. */
function saysTwice(layer: ReturnType<typeof layers.layers.lstm>, x: Tensor): Tensor[] {
  if (layer.stateful && layer.built) layer.resetStates();
  return [layer.apply(x), layer.apply(x)].flat() as Tensor[];
}

for (const kind of ['lstm', 'gru'] as const) {
  nativeTest(`tfjs-layers' ${kind} is what it is step by step on the CPU backend`, (t) => {
    for (const options of FUSED) {
      void tf.setBackend(NATIVE_BACKEND);
      const layer = layers.layers[kind]({ ...PLAIN, ...options }) as ReturnType<typeof layers.layers.lstm>;
      const { values, shape } = normals([3, 5, 2], 1);
      const [native, cpu] = [NATIVE_BACKEND, 'cpu'].map((backend) =>
        outputsOn(backend, () => {
          // Recorded for a gradient, the CPU backend goes step by step.
          const { value, grad } = tf.valueAndGrad((x) => {
            const parts = saysTwice(layer, x).map((part, k) => weighted(part, k));
            return tf.stack(parts);
          })(tf.tensor(values.slice(), shape));
          return [value, grad];
        }),
      );
      const wrong = difference(native as Output[], cpu as Output[], { relative: 1e-5, absolute: 1e-5 });
      t.is(wrong, undefined, JSON.stringify(options));
      layer.dispose();
    }
  });

  nativeTest(`a network with ${kind} trains to the same losses as on the CPU backend`, (t) => {
    const [onCpu, onNative] = ['cpu', NATIVE_BACKEND].map((backend) => train(t, backend, kind));
    onCpu?.forEach((loss, k) => {
      t.true(Math.abs(loss - (onNative?.[k] as number)) < 1e-4 * loss, `${onCpu}; ${onNative}`);
    });
    t.true((onCpu?.at(-1) as number) < 0.8 * (onCpu?.[0] as number));
  });
}

/** The losses of some steps of Adam; every one leaves as many tensors as there were. */
function train(t: ExecutionContext, backend: string, kind: LayerKind): number[] {
  void tf.setBackend(backend);
  const weights = { kernelInitializer: 'ones', recurrentInitializer: 'zeros' } as const;
  const below = layers.layers.bidirectional({
    layer: layers.layers[kind]({ units: 4, returnSequences: true, ...weights }) as never,
    inputShape: [5, 2],
    mergeMode: 'concat',
  });
  const model = layers.sequential({
    layers: [below, layers.layers[kind]({ units: 4, ...weights }), layers.layers.dense({ units: 1 })],
  });
  const dense = model.layers[2] as ReturnType<typeof layers.layers.dense>;
  tf.tidy(() => dense.setWeights([tf.fill([4, 1], 0.3), tf.zeros([1])]));
  const [x, y] = [normals([16, 5, 2], 1), normals([16, 1], 2)].map(({ values, shape }) =>
    tf.tensor(values.slice(), shape),
  ) as [Tensor, Tensor];
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const optimizer = tf.train.adam(0.05);
  const losses: number[] = [];
  let held: number | undefined;
  for (let step = 0; step < 12; step++) {
    tf.tidy(() => {
      const loss = () => tf.mean(tf.squaredDifference(model.apply(x) as Tensor, y)) as tf.Scalar;
      losses.push((optimizer.minimize(loss, true, variables) as tf.Scalar).dataSync()[0] as number);
    });
    const ids = tf.engine().backend.numDataIds();
    // The first step makes what the optimizer keeps.
    if (held !== undefined) t.is(ids, held, `${backend}, step ${step}`);
    held = ids;
  }
  tf.dispose([x, y]);
  optimizer.dispose();
  model.dispose();
  return losses;
}

test.serial(
  'one kernel walks a sequence, step by step go masks, dropout and other activations',
  async (t) => {
    if (addonProblem() !== null) {
      t.log(`not tested: ${addonProblem()}`);
      t.pass();
      return;
    }
    void tf.setBackend(NATIVE_BACKEND);
    const x = tf.tensor(normals([3, 5, 2], 1).values, [3, 5, 2]);
    const isFused = async (options: Partial<LayerOptions>, kwargs: tf.serialization.ConfigDict = {}) => {
      const layer = layers.layers.lstm({ ...PLAIN, ...options });
      const { kernelNames } = await tf.profile(() => tf.tidy(() => void layer.apply(x, kwargs as never)));
      layer.dispose();
      return kernelNames.includes('PushforwardLstm');
    };
    t.true(await isFused({}));
    t.true(await isFused({ dropout: 0.5 }, { training: false }));
    t.false(await isFused({ dropout: 0.5 }, { training: true }));
    t.false(await isFused({ activation: 'relu' }));
    t.false(await isFused({ recurrentActivation: 'tanh' }));
    const mask = tf.ones([3, 5]);
    t.false(await isFused({}, { mask } as never));
    tf.dispose([x, mask]);
  },
);
