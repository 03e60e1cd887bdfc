/** Integers, 1 or more, in an order that the call names. */
export type Sizes = Int32Array;

/**
 * Windows of images. sizes [batch, input height, input width, channels, output height, output width,
 * filter height, filter width, stride height, stride width]; top and left are the padding before.
 */
export type PoolCall = (x: Float32Array, out: Float32Array, sizes: Sizes, top: number, left: number) => void;

/** sizes [batch, height, width, channels, new height, new width], the old ones those of the images. */
export type ResizeCall = (
  x: Float32Array,
  out: Float32Array,
  sizes: Sizes,
  bilinear: boolean,
  alignCorners: boolean,
  halfPixelCenters: boolean,
) => void;

/** Functions of the .node file for images, and for slices picked or summed up. */
export interface ImageCalls {
  /** averageGradient takes dy and gives dx. */
  readonly tensorPool: Readonly<Record<'max' | 'average' | 'averageGradient', PoolCall>>;
  /** out = dx. Where a window has several greatest values, the first one takes all of its dy. */
  readonly tensorMaxPoolGradient: (
    x: Float32Array,
    dy: Float32Array,
    out: Float32Array,
    sizes: Sizes,
    top: number,
    left: number,
  ) => void;
  /** gradient takes dy of the new images and gives dx of the old ones. */
  readonly tensorResize: Readonly<Record<'resize' | 'gradient', ResizeCall>>;
  /** out = (x - mean) · scale / √(variance + epsilon) + offset; x repeats the others, of one length. */
  readonly tensorNormalise: (
    x: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    offset: Float32Array | null,
    scale: Float32Array | null,
    out: Float32Array,
    epsilon: number,
  ) => void;
  /** Mean and variance of each column of x [rows, channels]. */
  readonly tensorMoments: (x: Float32Array, mean: Float32Array, variance: Float32Array) => void;
  /** sums = Σ dy and products = Σ dy (x − mean) of each column of x and dy [rows, channels]. */
  readonly tensorNormaliseSums: (
    dy: Float32Array,
    x: Float32Array,
    mean: Float32Array,
    sums: Float32Array,
    products: Float32Array,
  ) => void;
  /** Of tensorNormalise with the moments of x itself, which dx reaches through too. */
  readonly tensorNormaliseGradient: (
    x: Float32Array,
    dy: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    scale: Float32Array,
    dx: Float32Array,
    dScale: Float32Array,
    dOffset: Float32Array,
    epsilon: number,
  ) => void;
  /** out [batch, outer, count, slice] = x [batch, outer, dim, slice] at indices [batch, count]. */
  readonly tensorGather: <T extends Float32Array | Int32Array | Uint8Array>(
    x: T,
    indices: Int32Array,
    out: T,
    sizes: Sizes,
  ) => void;
  /** out [segments, slice] = sums of the slices of x [count, slice] whose numbers [count] are alike. */
  readonly tensorSegmentSum: (x: Float32Array, numbers: Int32Array, out: Float32Array, slice: number) => void;
}
