import { join } from 'node:path';
import type { Gan } from '../../gan/gan.js';
import { normalQuantile } from '../../normalQuantile.js';
import { reconstructionLines, writeImageGrid } from '../../report/imageGrid.js';
import { type Tensor, type Tensor2D, tf } from '../../tf.js';
import type { Vae } from '../../vae/vae.js';

const SHAPE = { height: 28, width: 28, channels: 1 };
const PIXELS = 28 * 28;
/** Images in a line of each picture. */
const COLUMNS = 10;
const MANIFOLD = 20;

/** Draws with one seed, test digits above what the VAE makes of them, and, of two latents, all that it can make. */
export async function drawVaePictures(vae: Vae, x: Tensor, folder: string): Promise<void> {
  await picture(join(folder, 'samples.png'), () => vae.sample(COLUMNS ** 2, { seed: 0 }));
  const originals = tf.slice(x, 0, Math.min(5 * COLUMNS, x.shape[0] as number));
  const [above, below] = tf.tidy(() => [
    originals.dataSync<'float32'>().slice(),
    vae.reconstruct(originals).dataSync<'float32'>().slice(),
  ]) as [Float32Array, Float32Array];
  originals.dispose();
  const lines = reconstructionLines(above, below, PIXELS, COLUMNS);
  await writeImageGrid(join(folder, 'reconstructions.png'), lines, SHAPE, { columns: COLUMNS, scale: 1 });
  if (vae.latentDim === 2) await picture(join(folder, 'manifold.png'), () => vae.decode(manifold()));
}

/** 100 draws with one seed. */
export async function drawGanPicture(gan: Gan, path: string): Promise<void> {
  await picture(path, () => gan.sample(COLUMNS ** 2, { seed: 0 }));
}

async function picture(path: string, draw: () => Tensor): Promise<void> {
  const values = tf.tidy(() => draw().dataSync<'float32'>().slice());
  const columns = Math.round(Math.sqrt(values.length / PIXELS));
  await writeImageGrid(path, values, SHAPE, { columns, scale: 1 });
}

/** A square of codes, evenly spaced in the quantiles of N(0, I). */
function manifold(): Tensor2D {
  const quantiles = Array.from({ length: MANIFOLD }, (_, i) => normalQuantile((i + 0.5) / MANIFOLD));
  const codes = quantiles.flatMap((up) => quantiles.map((right) => [right, -up]));
  return tf.tensor2d(codes);
}
