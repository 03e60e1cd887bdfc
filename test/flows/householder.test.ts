import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { Flow } from '../../src/flows/flow.js';
import { Householder } from '../../src/flows/householder.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { difference, normals } from './laws.js';
import { everyWay } from './ways.js';

const flowOf = (dim: number, reflections: number, vectors: Float32Array): Flow => {
  const flow = new Flow({ dim, bijections: [new Householder({ dim, reflections })], reference: true });
  flow.parameters.assign(vectors);
  return flow;
};

/** Rows e_1 to e_d, so that what becomes of them is the map's matrix, transposed. */
const identity = (dim: number): Tensor2D => tf.eye(dim);

for (const scale of [1e-12, 1, 1e12]) {
  test(`vectors of size ${scale} make an orthogonal matrix`, (t) => {
    const dim = 7;
    everyWay(t, flowOf(dim, dim, normals(dim * dim, 31, scale)), ({ name, forward }) => {
      const { z, logDet } = forward(identity(dim));
      t.true(difference(tf.matMul(z, z, true, false), identity(dim)) < 2e-6, name);
      t.true(difference(z, identity(dim)) > 0.1, `${name}: it mixes`);
      t.deepEqual([...logDet.dataSync()], new Array(dim).fill(0), name);
    });
  });
}

test('one reflection turns its vector round and leaves what is across it', (t) => {
  everyWay(t, flowOf(3, 1, Float32Array.of(2, 0, -2)), ({ name, forward }) => {
    const { z } = forward(
      tf.tensor2d([
        [1, 0, -1],
        [1, 5, 1],
      ]),
    );
    t.true(difference(z, Float32Array.of(-1, 0, 1, 1, 5, 1)) < 1e-6, name);
  });
});

test('a vector of zeros or near it is no reflection, and gives no NaN', (t) => {
  for (const size of [0, 1e-30, 1e-40]) {
    everyWay(t, flowOf(2, 2, Float32Array.of(0, 0, size, 0)), ({ name, forward }) => {
      const x = tf.tensor2d([[3, -4]]);
      t.deepEqual([...forward(x).z.dataSync()], [3, -4], name);
      const slope = tf.grad((rows) => tf.sum(tf.square(forward(rows as Tensor2D).z)))(x);
      t.deepEqual([...slope.dataSync()], [6, -8], name);
    });
  }
});

test('gradients of vectors of zeros are zero', (t) => {
  const flow = flowOf(2, 2, new Float32Array(4));
  for (const reference of [true, false]) {
    const one = reference ? flow : new Flow({ dim: 2, bijections: flow.bijections });
    one.parameters.assign(new Float32Array(4));
    const gradient = new Float32Array(4).fill(9);
    one.negativeLogLikelihoodAndGradient(Float32Array.of(3, -4), null, gradient);
    t.deepEqual([...gradient], [0, 0, 0, 0]);
  }
});

test('a count of reflections that is none is refused', (t) => {
  for (const reflections of [0, -1, 1.5, Number.NaN]) {
    const error = t.throws(() => new Householder({ dim: 3, reflections }), { instanceOf: PushforwardError });
    t.is(error.code, 'usage');
  }
});
