import { PushforwardError } from '../../errors.js';
import { checkImageShape, type ImageShape, imageSize } from '../../imageShape.js';
import { ActNorm } from '../actNorm.js';
import type { Activation, Bijection } from '../bijection.js';
import { Flow, type FlowOptions } from '../flow.js';
import { splitChannels, squeeze, squeezedShape } from '../image/axisPermutation.js';
import { ConvolutionalCoupling } from '../image/convolutionalCoupling.js';
import { LeadingColumns } from '../image/leadingColumns.js';
import { PerPixel } from '../image/perPixel.js';
import { LuLinear } from '../luLinear.js';
import { withDefaults } from './options.js';

/** The context, a class as one-hot say, is read by every conditioner. */
export interface GlowOptions extends ImageShape, Omit<FlowOptions, 'dim' | 'bijections' | 'reference'> {
  /** Each halves the height and the width. Default 3, the paper's for CIFAR-10. */
  readonly levels?: number;
  /** Steps of ActNorm, invertible 1 x 1 convolution and coupling at each level. Default 32, the paper's. */
  readonly steps?: number;
  /** Channels of both hidden layers of each conditioner. Default 512, the paper's. */
  readonly hiddenChannels?: number;
  /** Default relu, the paper's. */
  readonly activation?: Activation;
  /** Couplings that shift without scaling, the paper's other choice. Default false. */
  readonly additive?: boolean;
}

/** The paper's for CIFAR-10. */
const glowDefaults = {
  levels: 3,
  steps: 32,
  hiddenChannels: 512,
  activation: 'relu',
  additive: false,
} satisfies Partial<GlowOptions>;

/**
 * Glow (Kingma and Dhariwal 2018, figure 2): at each level the image is squeezed, passes its steps, and
 * sends half of its channels to the base law, once these are shifted and scaled by what a convolution
 * of the other half predicts (the learned prior of the paper's code); the other half goes on. Rows are
 * images [n, height · width · channels], row-major, channels last, of continuous numbers of about unit
 * scale; pixels of whole numbers need noise of their step first. `initialiseFrom` a batch makes the
 * ActNorms start from its moments, as the paper does.
 *
 * The latent rows hold the last level's image first and those of the levels before it after it. There
 * is no native plan: the flow runs by its definition on every backend.
 *
 * @throws PushforwardError `usage` when the height or width is no multiple of 2^levels, or there are no levels.
 */
export function glow(options: GlowOptions): Flow {
  const { levels, steps, hiddenChannels, activation, additive, ...rest } = withDefaults(
    options,
    glowDefaults,
  );
  const { height, width, channels, ...common } = rest;
  const { contextDim = 0 } = common;
  let shape: ImageShape = { height, width, channels };
  checkLevels(shape, levels);
  const dim = imageSize(shape);
  const bijections: Bijection[] = [];
  const add = (bijection: Bijection) => {
    bijections.push(bijection.dim === dim ? bijection : new LeadingColumns(bijection, dim));
  };
  const hidden = [hiddenChannels, hiddenChannels];
  for (let level = 1; level <= levels; level++) {
    add(squeeze(shape));
    shape = squeezedShape(shape);
    for (let step = 0; step < steps; step++) {
      add(new PerPixel(shape, new ActNorm(shape.channels)));
      add(new PerPixel(shape, new LuLinear(shape.channels, 'rotation')));
      add(new ConvolutionalCoupling({ ...shape, contextDim, hidden, activation, additive }));
    }
    if (level === levels) break;
    add(new ConvolutionalCoupling({ ...shape, contextDim, hidden: [] }));
    add(splitChannels(shape));
    shape = { ...shape, channels: shape.channels / 2 };
  }
  return new Flow({ ...common, dim, bijections });
}

function checkLevels(shape: ImageShape, levels: number): void {
  checkImageShape(shape);
  if (!Number.isInteger(levels) || levels < 1) {
    throw new PushforwardError('usage', `a Glow of ${levels} levels`, {
      mend: 'give a whole number above zero',
    });
  }
  const { height, width } = shape;
  const unit = 2 ** levels;
  if (height % unit === 0 && width % unit === 0) return;
  const up = (size: number) => Math.ceil(size / unit) * unit;
  throw new PushforwardError('usage', `${levels} levels halve ${height} x ${width} pixels too often`, {
    mend: `pad the images to ${up(height)} x ${up(width)}, or take fewer levels`,
  });
}
