import { PushforwardError } from '../../errors.js';
import { checkImageShape, type ImageShape } from '../../imageShape.js';
import { pictureHeader } from './pictureHeader.js';
import { damaged, readBytes } from './readBytes.js';

export interface PictureOptions {
  /**
   * The size that pictures are brought to: scaled, with their proportions, until they cover it, then cut to its
   * middle. By Catmull and Rom's cubic filter, widened where it shrinks, which leaves no jagged edges (Parmar,
   * Zhang and Zhu 2022). Default: as they are, and all of one size.
   */
  readonly size?: { readonly height: number; readonly width: number };
  /**
   * 1 for grey, 3 for red, green and blue. Colour becomes grey by luma (ITU-R BT.601). Default: as the files
   * are, and all alike.
   */
  readonly channels?: 1 | 3;
}

/** One picture of bytes. */
export interface Picture {
  readonly shape: ImageShape;
  /** [height, width, channels]. */
  readonly pixels: Uint8Array;
}

/**
 * Decodes a PNG or JPEG file of 8 bits, off the main thread. What is transparent lies on black; a photograph is
 * turned as its camera was held.
 * @throws PushforwardError `input` for a file that cannot be read, of another kind, animated or of 16 bits, `damaged`
 * for one that is cut or does not decode, `unsupported` where the decoder does not load.
 */
export async function decodePicture(file: string, options: PictureOptions = {}): Promise<Picture> {
  const bytes = await readBytes(file);
  const header = pictureHeader(bytes, file);
  const { Transformer, ResizeFilterType, ResizeFit } = await loadDecoder();
  const { orientation, isOpaque } = header;
  const whole = orientation > 4 ? { height: header.width, width: header.height } : header;
  const { height, width } = options.size ?? whole;
  const resize = { height, width, fit: ResizeFit.Cover, filter: ResizeFilterType.CatmullRom };
  const decode = async () => {
    const picture = new Transformer(bytes);
    if (orientation !== 1) picture.rotate(orientation);
    if (options.size === undefined) return picture.rawPixels();
    if (isOpaque) return picture.resize(resize).rawPixels();
    // Scaling mixes the colours of neighbours, which those that nobody sees must not take part in.
    const colours = onBlack(await picture.rawPixels(), whole.height * whole.width);
    return Transformer.fromRgbaPixels(colours, whole.width, whole.height).resize(resize).rawPixels();
  };
  const values = await decode().catch((cause) => {
    throw damaged(file, 'does not decode', cause);
  });
  const channels = options.channels ?? (header.isGrey ? 1 : 3);
  return { shape: { height, width, channels }, pixels: withChannels(values, height * width, channels) };
}

/** @throws PushforwardError `usage` for sizes that are none and for other channels than 1 and 3. */
export function checkPictureOptions({ size, channels }: PictureOptions): void {
  checkImageShape({ height: 1, width: 1, ...size, channels: 1 });
  if (channels === undefined || channels === 1 || channels === 3) return;
  throw new PushforwardError('usage', `pictures of ${channels} channels`, {
    mend: 'give 1 for grey, 3 for colour',
  });
}

/** Loads the decoder when there are pictures to read: it is a native library, and all else goes without. */
async function loadDecoder(): Promise<typeof import('@napi-rs/image')> {
  try {
    return await import('@napi-rs/image');
  } catch (cause) {
    throw new PushforwardError('unsupported', 'the decoder of PNG and JPEG does not load on this machine', {
      mend: 'install it with npm install --include=optional @napi-rs/image, or save the images as NPY',
      cause,
    });
  }
}

/** Pixels of 1 to 4 numbers, where 2 and 4 end with how opaque they are, as red, green, blue and opaque. */
function onBlack(values: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(4 * count);
  const stride = values.length / count;
  const colours = stride > 2 ? 3 : 1;
  for (let pixel = 0; pixel < count; pixel++) {
    const start = pixel * stride;
    const opacity = stride === 2 || stride === 4 ? (values[start + stride - 1] as number) / 255 : 1;
    for (let channel = 0; channel < 3; channel++) {
      const value = values[start + (colours === 3 ? channel : 0)] as number;
      out[4 * pixel + channel] = Math.round(value * opacity);
    }
    out[4 * pixel + 3] = 255;
  }
  return out;
}

function withChannels(values: Uint8Array, count: number, channels: 1 | 3): Uint8Array {
  if (values.length === count * channels) return values;
  const colours = onBlack(values, count);
  const out = new Uint8Array(count * channels);
  for (let pixel = 0; pixel < count; pixel++) {
    const [red, green, blue] = colours.subarray(4 * pixel, 4 * pixel + 3) as unknown as [
      number,
      number,
      number,
    ];
    // The weights 0.299, 0.587 and 0.114, rounded so that greys stay what they are.
    if (channels === 1) out[pixel] = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
    else out.set([red, green, blue], 3 * pixel);
  }
  return out;
}
