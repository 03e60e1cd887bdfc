import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { Random } from '../../src/random.js';
import { type EpochRecord, fit } from '../../src/train/fit.js';
import { cosineRate } from '../../src/train/schedule.js';
import type { TrainOptions } from '../../src/train/trainOptions.js';
import type { Trainable } from '../../src/trainable.js';

const rows = new Random(1, 1).normal(new Float32Array(400)).map((z) => 3 + 0.5 * z);
const heldOut = new Random(1, 2).normal(new Float32Array(200)).map((z) => 3 + 0.5 * z);

/** A normal law with parameters (mean, log standard deviation): the closed form is its maximum likelihood. */
class NormalLaw implements Trainable {
  readonly name: string;
  readonly parameters;
  breakAt = 0;
  #calls = 0;
  #values = new Float32Array([0, 0]);

  constructor(name = 'normal') {
    this.name = name;
    this.parameters = {
      count: 2,
      values: () => this.#values.slice(),
      assign: (values: Float32Array) => {
        this.#values = values.slice();
      },
    };
  }

  startEpoch(): void {}

  #loss(data: Float32Array, gradient?: Float32Array): number {
    const [mean, logScale] = this.#values as unknown as [number, number];
    let loss = 0;
    gradient?.fill(0);
    for (const x of data) {
      const z = (x - mean) * Math.exp(-logScale);
      loss += (0.5 * z * z + logScale + 0.5 * Math.log(2 * Math.PI)) / data.length;
      if (gradient) {
        gradient[0] = (gradient[0] as number) - (z * Math.exp(-logScale)) / data.length;
        gradient[1] = (gradient[1] as number) + (1 - z * z) / data.length;
      }
    }
    return loss;
  }

  valueAndGradient(batch: Int32Array, gradient: Float32Array): number {
    this.#calls += 1;
    if (this.#calls === this.breakAt) return Number.NaN;
    return this.#loss(
      Float32Array.from(batch, (row) => rows[row] as number),
      gradient,
    );
  }

  validationLoss(): number {
    return this.#loss(heldOut);
  }

  locateNonFinite(): string {
    return 'layer 2 (scale)';
  }
}

const options: TrainOptions = {
  seed: 7,
  rows: rows.length,
  epochs: 60,
  batchSize: 50,
  learningRate: 0.05,
  weightDecay: 0,
  clipNorm: 5,
  patience: 60,
};

test('fitting a normal law reaches the closed-form maximum likelihood', async (t) => {
  const law = new NormalLaw();
  const records: EpochRecord[] = [];
  const result = await fit(
    [law],
    { ...options, epochs: 200 },
    { onEpoch: (record) => void records.push(record) },
  );
  const [mean, logScale] = law.parameters.values();
  t.true(Math.abs((mean as number) - 3) < 0.1);
  t.true(Math.abs((logScale as number) - Math.log(0.5)) < 0.1);
  const last = records.at(-1);
  t.true((last?.validation ?? -9) > (records[0]?.validation ?? 0), 'the validation likelihood rises');
  t.is(result.epochs, records.length);
});

test('the weights kept are those of the best validation epoch', async (t) => {
  const law = new NormalLaw();
  const seen = new Map<number, number>();
  const { bestEpoch } = await fit([law], options, {
    onEpoch: (record) => void seen.set(record.epoch, record.validation),
  });
  t.true(Math.abs(-law.validationLoss() - (seen.get(bestEpoch) as number)) < 1e-6);
});

test('patience stops a factor, and the fit when all have stopped', async (t) => {
  const { epochs } = await fit([new NormalLaw()], {
    ...options,
    epochs: 5000,
    learningRate: 0.2,
    patience: 5,
  });
  t.true(epochs < 200, `${epochs} epochs`);
});

test('plans that make no sense are refused, where a batch of NaN rows would train on none', async (t) => {
  const cases: [keyof TrainOptions, readonly number[]][] = [
    ['epochs', [Number.NaN, -1, 1.5]],
    ['batchSize', [Number.NaN, -1, 0, 1.5]],
    ['patience', [Number.NaN, -1]],
    ['seed', [Number.NaN, -1, 1.5]],
    ['learningRate', [Number.NaN, -1, Number.POSITIVE_INFINITY]],
    ['weightDecay', [Number.NaN, -1]],
    ['clipNorm', [Number.NaN, -1, 0]],
  ];
  for (const [name, values] of cases) {
    for (const value of values) {
      const error = await t.throwsAsync(fit([new NormalLaw()], { ...options, [name]: value }));
      t.regex(error.message, new RegExp(`^${name} is ${value}; give `));
    }
  }
});

test('a run that is stopped and resumed ends on the same bits as one that is not', async (t) => {
  const path = join(await mkdtemp(join(tmpdir(), 'pushforward-')), 'last.safetensors');
  const whole = [new NormalLaw('a'), new NormalLaw('b')];
  await fit(whole, options);

  const control = new AbortController();
  const checkpoint = { path, fingerprint: 'f', resume: true };
  const stopped = await fit([new NormalLaw('a'), new NormalLaw('b')], options, {
    checkpoint,
    signal: control.signal,
    onStep: (epoch, step) => {
      if (epoch === 17 && step === 3) control.abort();
    },
  });
  t.true(stopped.aborted);
  t.is(stopped.epochs, 16, 'the epoch in hand is given up');
  const resumed = [new NormalLaw('a'), new NormalLaw('b')];
  const { epochs } = await fit(resumed, options, { checkpoint });
  t.is(epochs, options.epochs);
  for (const i of [0, 1]) t.deepEqual(resumed[i]?.parameters.values(), whole[i]?.parameters.values());
});

test('a timer has its turn, and a signal is heard, where epochs are shorter than the time between turns', async (t) => {
  const control = new AbortController();
  setTimeout(() => control.abort(), 50);
  const many = { ...options, epochs: 50_000, patience: 50_000 };
  const { aborted, epochs } = await fit([new NormalLaw()], many, { signal: control.signal });
  t.true(aborted && epochs < many.epochs, `${epochs}`);
});

test('a checkpoint of other options is refused', async (t) => {
  const path = join(await mkdtemp(join(tmpdir(), 'pushforward-')), 'last.safetensors');
  await fit(
    [new NormalLaw()],
    { ...options, epochs: 2 },
    { checkpoint: { path, fingerprint: 'one', resume: false } },
  );
  const error = await t.throwsAsync(
    fit([new NormalLaw()], options, { checkpoint: { path, fingerprint: 'two', resume: true } }),
    { instanceOf: PushforwardError },
  );
  t.is(error?.code, 'usage');
});

test('a non-finite loss names step and layer, goes back and is survived', async (t) => {
  const law = new NormalLaw();
  law.breakAt = 20;
  const warnings: string[] = [];
  await fit([law], { ...options, epochs: 200 }, { onWarning: (message) => void warnings.push(message) });
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /normal: the loss of step 20 is not finite; it begins in layer 2 \(scale\)/);
  t.true(law.parameters.values().every(Number.isFinite));
  t.true(Math.abs((law.parameters.values()[0] as number) - 3) < 0.1);
});

test('losses that stay non-finite end in one numeric error with the best weights in place', async (t) => {
  const law = new NormalLaw();
  law.valueAndGradient = () => Number.NaN;
  const error = await t.throwsAsync(fit([law], options), { instanceOf: PushforwardError });
  t.is(error?.code, 'numeric');
  t.deepEqual(law.parameters.values(), new Float32Array([0, 0]));
});

test('the schedule warms up to the full rate, then falls to 2 % without rising again', (t) => {
  const rates = Array.from({ length: 1000 }, (_, i) => cosineRate(0.1, i + 1, 1000));
  t.is(Math.max(...rates), 0.1);
  const peak = rates.indexOf(0.1);
  t.true(rates.slice(0, peak).every((rate, i) => rate < (rates[i + 1] as number)));
  t.true(rates.slice(peak + 1).every((rate, i) => rate <= (rates[peak + i] as number)));
  t.true(Math.abs((rates.at(-1) as number) - 0.002) < 1e-6);
});
