/** Convolution, pooling and resizing of images [n, h, w, c] in plain doubles. */
import { type Doubles, entry, filled, type Reference, sumOver } from './arrays.js';

type Shape4D = [number, number, number, number];

export interface Windows {
  readonly strides: [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly dilations?: [number, number];
}

/** Sizes and paddings as TensorFlow defines them. */
function plan(input: readonly number[], window: readonly number[], { strides, pad, dilations }: Windows) {
  return [0, 1].map((axis) => {
    const [size, taps] = [input[axis + 1] as number, window[axis] as number];
    const [stride, dilation] = [strides[axis] as number, dilations?.[axis] ?? 1];
    const span = (taps - 1) * dilation + 1;
    if (pad === 'valid')
      return { outputs: Math.ceil((size - span + 1) / stride), before: 0, stride, dilation };
    if (typeof pad === 'number')
      return { outputs: Math.floor((size + 2 * pad - span) / stride) + 1, before: pad, stride, dilation };
    const outputs = Math.ceil(size / stride);
    const total = Math.max(0, (outputs - 1) * stride + span - size);
    return { outputs, before: Math.floor(total / 2), stride, dilation };
  }) as [Plan, Plan];
}

interface Plan {
  readonly outputs: number;
  readonly before: number;
  readonly stride: number;
  readonly dilation: number;
}

function place(along: Plan, output: number, tap: number): number {
  return output * along.stride - along.before + tap * along.dilation;
}

/** x [n, h, w, c] and filter [i, j, c, m]; depthwise, channel c·M + m of the result is of channel c alone. */
export function convolution(windows: Windows, depthwise = false): Reference {
  return (...inputs) => {
    const [x, filter] = inputs as [Doubles, Doubles];
    const [height, width, channels, multiple] = filter.shape as Shape4D;
    const [rows, columns] = plan(x.shape, filter.shape, windows);
    const depth = depthwise ? channels * multiple : multiple;
    return filled([x.shape[0] as number, rows.outputs, columns.outputs, depth], ([n, r, s, d]) => {
      const [row, column, out] = [r, s, d] as [number, number, number];
      return sumOver([height, width, depthwise ? 1 : channels], ([i, j, k]) => {
        const c = depthwise ? Math.floor(out / multiple) : (k as number);
        const at = [n as number, place(rows, row, i as number), place(columns, column, j as number), c];
        const weight = entryWithin(filter, [i as number, j as number, c, depthwise ? out % multiple : out]);
        return entryWithin(x, at) * weight;
      });
    });
  };
}

/** The transpose of the convolution from images of `shape`: dy [n, h, w, m] and filter [i, j, c, m]. */
export function transposedConvolution(shape: Shape4D, windows: Windows): Reference {
  return (...inputs) => {
    const [dy, filter] = inputs as [Doubles, Doubles];
    const [height, width, , depth] = filter.shape as Shape4D;
    const [rows, columns] = plan(shape, filter.shape, windows);
    return filled(shape, ([n, r, s, c]) =>
      sumOver([rows.outputs, columns.outputs, height, width, depth], ([p, q, i, j, m]) => {
        const isMet =
          place(rows, p as number, i as number) === r && place(columns, q as number, j as number) === s;
        if (!isMet) return 0;
        const weight = entryWithin(filter, [i, j, c, m] as number[]);
        return weight * entryWithin(dy, [n, p, q, m] as number[]);
      }),
    );
  };
}

/** A function of the pixels that each window has of the image. */
export function pooling(
  size: [number, number],
  windows: Windows,
  f: (pixels: number[]) => number,
): Reference {
  return (input) => {
    const x = input as Doubles;
    const [n, h, w, c] = x.shape as Shape4D;
    const [rows, columns] = plan(x.shape, size, windows);
    return filled([n, rows.outputs, columns.outputs, c], ([image, r, s, channel]) => {
      const pixels: number[] = [];
      for (let i = 0; i < size[0]; i++) {
        for (let j = 0; j < size[1]; j++) {
          const [row, column] = [place(rows, r as number, i), place(columns, s as number, j)];
          if (row < 0 || row >= h || column < 0 || column >= w) continue;
          pixels.push(entryWithin(x, [image as number, row, column, channel as number]));
        }
      }
      return f(pixels);
    });
  };
}

export interface Resizing {
  readonly kind: 'bilinear' | 'nearest';
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

export function resized(
  size: [number, number],
  { kind, alignCorners, halfPixelCenters }: Resizing,
): Reference {
  const source = (to: number, from: number, count: number): number => {
    if (alignCorners) return count > 1 ? (to * (from - 1)) / (count - 1) : 0;
    // A nearest neighbour is found by rounding down, so that its half pixel stays.
    if (halfPixelCenters) return ((to + 0.5) * from) / count - (kind === 'bilinear' ? 0.5 : 0);
    return (to * from) / count;
  };
  return (input) => {
    const x = input as Doubles;
    const [n, h, w, c] = x.shape as Shape4D;
    const clip = (at: number, length: number) => Math.min(length - 1, Math.max(0, at));
    return filled([n, ...size, c], ([image, r, s, channel]) => {
      const [row, column] = [source(r as number, h, size[0]), source(s as number, w, size[1])];
      const pixel = (i: number, j: number) =>
        entryWithin(x, [image as number, clip(i, h), clip(j, w), channel as number]);
      if (kind === 'nearest') {
        const nearest = alignCorners ? Math.round : Math.floor;
        return pixel(nearest(row), nearest(column));
      }
      const [top, left] = [Math.floor(row), Math.floor(column)];
      const [down, right] = [row - top, column - left];
      return (
        (1 - down) * ((1 - right) * pixel(top, left) + right * pixel(top, left + 1)) +
        down * ((1 - right) * pixel(top + 1, left) + right * pixel(top + 1, left + 1))
      );
    });
  };
}

/** Without the broadcasting of `entry`: 0 outside of an axis of size 1 too. */
function entryWithin(x: Doubles, index: readonly number[]): number {
  return index.some((at, axis) => at < 0 || at >= (x.shape[axis] as number)) ? 0 : entry(x, index);
}
