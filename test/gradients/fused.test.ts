import test from 'ava';
import '../../src/backend/index.js';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../../src/tf.js';

/** The kernels that run, by name and in order. */
async function kernelsOf(make: () => tf.Tensor | tf.Tensor[]): Promise<string[]> {
  const { kernels } = await tf.profile(() => {
    tf.tidy(() => {
      make();
    });
  });
  return kernels.map(({ name }) => name);
}

const count = (names: readonly string[], wanted: string) => names.filter((name) => name === wanted).length;

const [a, b, bias] = [tf.ones([2, 3]), tf.ones([3, 4]), tf.ones([4])] as [Tensor2D, Tensor2D, tf.Tensor1D];

for (const activation of ['linear', 'relu'] as const) {
  test.serial(
    `a dense layer with ${activation} is one kernel, and only what is asked for is differentiated`,
    async (t) => {
      const loss = (weights: Tensor) =>
        tf.sum(tf.fused.matMul({ a, b: weights as Tensor2D, bias, activation })) as tf.Scalar;
      const names = await kernelsOf(() => tf.grad(loss)(b));
      t.is(count(names, tf._FusedMatMul), 1);
      t.is(count(names, tf.BatchMatMul), 1);
      t.is(count(names, tf.Relu), 0);
      const ofBias = (at: Tensor) => tf.sum(tf.fused.matMul({ a, b, bias: at, activation })) as tf.Scalar;
      t.is(count(await kernelsOf(() => tf.grad(ofBias)(bias)), tf.BatchMatMul), 0);
    },
  );

  test.serial(
    `a convolution with ${activation} is one kernel, and only what is asked for is differentiated`,
    async (t) => {
      const x = tf.ones([1, 4, 4, 2]) as Tensor4D;
      const filter = tf.ones([3, 3, 2, 4]) as Tensor4D;
      const options = { strides: 1, pad: 'same' as const, bias, activation };
      const ofFilter = (at: Tensor) =>
        tf.sum(tf.fused.conv2d({ ...options, x, filter: at as Tensor4D })) as tf.Scalar;
      const names = await kernelsOf(() => tf.grad(ofFilter)(filter));
      t.is(count(names, tf.FusedConv2D), 1);
      t.is(count(names, tf.Conv2DBackpropFilter), 1);
      t.is(count(names, tf.Conv2DBackpropInput), 0);
      const ofImages = (at: Tensor) =>
        tf.sum(tf.fused.conv2d({ ...options, x: at as Tensor4D, filter })) as tf.Scalar;
      t.is(count(await kernelsOf(() => tf.grad(ofImages)(x)), tf.Conv2DBackpropFilter), 0);
    },
  );
}

test.serial('inside of a gradient an image by itself is one of a batch of one', (t) => {
  const draw = (shape: number[]): Tensor => tf.randomNormal(shape, 0, 1, 'float32', 3);
  const [x, filter] = [draw([4, 4, 2]), draw([3, 3, 2, 4]) as Tensor4D];
  const options = { filter, strides: 2, pad: 'valid' as const, bias, activation: 'relu' as const };
  const loss = (at: Tensor) =>
    tf.sum(tf.square(tf.fused.conv2d({ ...options, x: at as Tensor4D }))) as tf.Scalar;
  const [alone, batch] = [tf.grad(loss)(x), tf.grad(loss)(tf.expandDims(x))];
  t.deepEqual(alone.shape, [4, 4, 2]);
  t.deepEqual([...alone.dataSync()], [...batch.dataSync()]);
});

test.serial('inside of a gradient shapes that do not fit are refused as elsewhere', (t) => {
  const wrong: (() => Tensor)[] = [
    () => tf.fused.matMul({ a, b: a, bias }),
    () => tf.fused.matMul({ a, b, bias: tf.ones([3]) }),
    () =>
      tf.fused.conv2d<Tensor4D>({
        x: tf.ones([1, 4, 4, 3]),
        filter: tf.ones([3, 3, 2, 4]),
        strides: 1,
        pad: 'same',
      }),
    () =>
      tf.fused.conv2d<Tensor4D>({
        x: tf.ones([1, 4, 4, 2]),
        filter: tf.ones([3, 3, 2, 4]),
        strides: 1,
        pad: 'same',
        dimRoundingMode: 'floor',
      }),
    () =>
      tf.fused.conv2d({
        x: tf.ones<tf.Rank>([4, 4]) as Tensor4D,
        filter: tf.ones([3, 3, 2, 4]),
        strides: 1,
        pad: 'same',
      }),
  ];
  const messageOf = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  };
  for (const make of wrong) {
    const expected = messageOf(make);
    t.not(expected, 'nothing');
    t.is(
      messageOf(() => tf.grad((at) => tf.add(tf.sum(make()), tf.sum(at)))(bias)),
      expected,
    );
  }
});
