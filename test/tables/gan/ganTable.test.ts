import test from 'ava';
import '../../../src/backend/index.js';
import { overwrite } from '../../../src/ops/variableStore.js';
import { GanTable } from '../../../src/tables/gan/ganTable.js';
import { drawLatent } from '../../../src/tables/model.js';
import { tf } from '../../../src/tf.js';

const gan = { name: 'gan', latent: 3, hidden: [6], pac: 2 } as const;
const layout = { cardinalities: [3, 2], numerics: [{ step: null, state: 1 }] };

function build(): GanTable {
  return new GanTable({ family: 'gan', ...layout, gan, seed: 1 }, null);
}

/** Outputs of the generator's last layer become these, whatever z. */
function fix(model: GanTable, outputs: readonly number[]): void {
  const last = model.gan.generator.model.layers.findLast((layer) => layer.getClassName() === 'Dense');
  const [kernel, bias] = (last?.weights ?? []).map((weight) => weight.read() as tf.Variable);
  overwrite(kernel as tf.Variable, new Float32Array(kernel?.size ?? 0));
  overwrite(bias as tf.Variable, Float32Array.from(outputs));
}

test('levels are drawn with the probabilities of their logits', (t) => {
  const model = build();
  const logits = [1, -0.5, 0.2, 0.4, -0.4];
  fix(model, [0.7, ...logits]);
  const n = 20_000;
  const codes = tf.tidy(() =>
    model
      .push(tf.tensor2d(drawLatent(model.latentDim, n, { seed: 2 }), [n, model.latentDim]))
      .codes.dataSync()
      .slice(),
  );
  const share = (variable: number, level: number): number =>
    codes.filter((code, i) => i % 2 === variable && code === level).length / n;
  const softmax = (values: readonly number[]): number[] => {
    const weights = values.map(Math.exp);
    return weights.map((weight) => weight / weights.reduce((sum, one) => sum + one, 0));
  };
  softmax(logits.slice(0, 3)).forEach((p, level) => {
    t.true(Math.abs(share(0, level) - p) < 0.015, `${share(0, level)}, ${p}`);
  });
  softmax(logits.slice(3)).forEach((p, level) => {
    t.true(Math.abs(share(1, level) - p) < 0.015, `${share(1, level)}, ${p}`);
  });
});

test('what comes out are shares of levels, and a number that is 0 where its state says absent', (t) => {
  const model = build();
  fix(model, [0.7, 0, 0, 0, 0, 0]);
  const rows = tf.tidy(() => model.gan.sample(200, { seed: 1 }).dataSync<'float32'>().slice());
  for (let row = 0; row < 200; row++) {
    const [y, a, b, c, there, absent] = rows.subarray(6 * row, 6 * row + 6) as unknown as number[];
    t.true(Math.abs((a ?? 0) + (b ?? 0) + (c ?? 0) - 1) < 1e-5);
    t.true(Math.abs((there ?? 0) + (absent ?? 0) - 1) < 1e-5);
    t.true(Math.abs((y ?? 0) - 0.7 * (there ?? 0)) < 1e-5);
  }
});

test('a row is a function of z, and the critic takes packs', (t) => {
  const model = build();
  t.is(model.latentDim, 3 + 5);
  t.deepEqual(model.gan.packedShape, [12]);
  const draw = (): number[] =>
    tf.tidy(() => {
      const z = tf.tensor2d(drawLatent(model.latentDim, 8, { seed: 5 }), [8, model.latentDim]);
      return Array.from(model.push(z).codes.dataSync());
    });
  t.deepEqual(draw(), draw());
});
