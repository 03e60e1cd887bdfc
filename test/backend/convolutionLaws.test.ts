import { Random } from '../../src/random.js';
import { tf } from '../../src/tf.js';
import { convolution, type Windows } from '../gradients/reference/images.js';
import { nativeTest, onEveryLevel } from '../native/support.js';
import { type Input, normals } from './cases/inputs.js';
import { type Output, runCase } from './run.js';

type Shape4D = [number, number, number, number];

/** A convolution of the kinds that tfjs allows, drawn at random. */
interface Drawn {
  readonly x: Shape4D;
  readonly filter: Shape4D;
  readonly windows: Windows;
  readonly outShape: Shape4D;
}

const COUNT = 60;

class Draws {
  readonly #random: Random;

  constructor(stream: number) {
    this.#random = new Random(53, stream);
  }

  of<T>(...choices: readonly T[]): T {
    const at = this.#random.uniform(new Float32Array(1))[0] as number;
    return choices[Math.floor(at * choices.length)] as T;
  }

  upTo(most: number): number {
    return this.of(...Array.from({ length: most }, (_, i) => i + 1));
  }
}

/** Images and filters of up to a few pixels either way: filters beyond the image and strides beyond the filter too. */
function draw(draws: Draws, isDepthwise: boolean): Drawn {
  for (;;) {
    const channels = draws.of(1, 2, 3, 8, 16, 17, 33);
    const x: Shape4D = [draws.upTo(3), draws.upTo(9), draws.upTo(9), channels];
    const multiple = isDepthwise ? draws.of(1, 1, 2, 3) : draws.of(1, 2, 4, 16, 31, 50, 64, 80);
    const filter: Shape4D = [draws.upTo(5), draws.upTo(5), channels, multiple];
    if (draws.of(true, false)) filter[1] = filter[0];
    const isDilated = draws.of(true, false, false);
    const strides: [number, number] = isDilated ? [1, 1] : [draws.upTo(4), draws.upTo(4)];
    if (draws.of(true, false)) strides[1] = strides[0];
    const dilations: [number, number] = isDilated ? [draws.upTo(3), draws.upTo(3)] : [1, 1];
    const isSquare = !isDilated && filter[0] === filter[1] && strides[0] === strides[1];
    // Numbers are for square filters: tfjs looks at the height alone.
    const pad = draws.of<Windows['pad']>('same', 'valid', ...(isSquare ? [0, 1, 2] : []));
    const { outShape } = tf.backend_util.computeConv2DInfo(
      x,
      filter,
      strides,
      dilations,
      pad,
      'floor',
      isDepthwise,
    );
    if (outShape.every((dim) => dim > 0))
      return { x, filter, windows: { strides, dilations, pad }, outShape };
  }
}

const doubles = ({ shape, values }: Input) => ({ shape, values: Float64Array.from(values) });

function inner(a: Output | Input, b: Output | Input): number {
  let sum = 0;
  for (const [i, value] of a.values.entries()) sum += value * (b.values[i] as number);
  return sum;
}

/** The greatest difference of two arrays, as a share of what rounding of so many terms may make of N(0, 1) numbers. */
function error(found: Output, expected: Float64Array, terms: number): number {
  let most = found.values.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  for (const [i, value] of expected.entries())
    most = Math.max(most, Math.abs((found.values[i] as number) - value));
  return most / (1e-6 + 2e-7 * terms);
}

const FAMILIES = [
  {
    name: 'convolutions',
    isDepthwise: false,
    kernels: [tf.Conv2D, tf.Conv2DBackpropInput, tf.Conv2DBackpropFilter] as const,
  },
  {
    name: 'depthwise convolutions',
    isDepthwise: true,
    kernels: [
      tf.DepthwiseConv2dNative,
      tf.DepthwiseConv2dNativeBackpropInput,
      tf.DepthwiseConv2dNativeBackpropFilter,
    ] as const,
  },
];

for (const [stream, { name, isDepthwise, kernels }] of FAMILIES.entries()) {
  const [forward, backpropInput, backpropFilter] = kernels;

  nativeTest(`${name} of any shape are those of doubles, and their gradients are adjoint`, (t, addon) => {
    const draws = new Draws(stream);
    for (let i = 0; i < COUNT; i++) {
      const { x: shape, filter: filterShape, windows, outShape } = draw(draws, isDepthwise);
      const [x, filter, dy] = [
        normals(shape, 3 * i),
        normals(filterShape, 3 * i + 1),
        normals(outShape, 3 * i + 2),
      ];
      const attrs = { ...windows, dataFormat: 'NHWC', dimRoundingMode: 'floor' };
      const expected = convolution(windows, isDepthwise)(doubles(x), doubles(filter)).values;
      const terms = filterShape[0] * filterShape[1] * (isDepthwise ? 1 : filterShape[2]);
      const product = expected.reduce((sum, value, k) => sum + value * (dy.values[k] as number), 0);
      onEveryLevel(addon, (level) => {
        const title = `${level}: x [${shape}], filter [${filterShape}], ${JSON.stringify(windows)}`;
        const run = (kernel: string, inputs: Record<string, Input>, more: object = {}): Output =>
          runCase('native', { kernel, inputs, attrs: { ...attrs, ...more } })[0] as Output;
        const y = run(forward, { x, filter });
        t.deepEqual(y.shape, outShape, title);
        t.true(error(y, expected, terms) < 1, `${title}: ${error(y, expected, terms)}`);
        // The gradients are linear in dy: ⟨dx, x⟩ = ⟨dy, y⟩ = ⟨d filter, filter⟩ for any x and filter.
        const dx = run(backpropInput, { dy, filter }, { inputShape: shape });
        const dFilter = run(backpropFilter, { x, dy }, { filterShape });
        const scale = 1e-6 * (1 + Math.sqrt(terms * dy.values.length) * 10);
        t.true(Math.abs(inner(dx, x) - product) < scale, `${title}: dx, ${inner(dx, x)}, not ${product}`);
        t.true(
          Math.abs(inner(dFilter, filter) - product) < scale,
          `${title}: filter, ${inner(dFilter, filter)}, not ${product}`,
        );
      });
    }
  });
}
