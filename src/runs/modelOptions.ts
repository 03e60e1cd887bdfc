import { PushforwardError } from '../errors.js';
import { presets } from '../flows/presets/index.js';
import type { ModelChoice } from '../tables/architecture.js';
import { defaultModel, type ModelName, modelNamed, modelNames } from '../tables/catalogue.js';
import type { ModelOptions } from './types.js';

type SizeName = 'layers' | 'hidden' | 'bins' | 'latent' | 'pac';
type Sizes = { readonly [Size in SizeName]?: number | readonly number[] | null | undefined };

/** The least that a size may be. */
const LEAST: Readonly<Record<SizeName, number>> = { layers: 1, hidden: 1, bins: 2, latent: 1, pac: 1 };
const SIZE_NAMES = Object.keys(LEAST) as SizeName[];

/**
 * The model that the caller names, with the sizes that it gives; what it leaves open comes from the run that is gone
 * on with.
 * @throws PushforwardError `usage` for a model that there is not, a size that it has not, or one that makes no sense.
 */
export function resolveModel(given: ModelOptions, saved: ModelChoice | undefined): ModelChoice {
  const name = modelNamed(given.name ?? saved?.name ?? defaultModel);
  const own = sizesOf(name);
  for (const size of SIZE_NAMES) {
    const value = (given as Sizes)[size];
    if (value === undefined || value === null) continue;
    if (!own.includes(size)) throw notOwn(name, size);
    for (const one of [value].flat() as number[]) checkSize(size, one);
  }
  const open = (saved ?? {}) as Sizes;
  const sizes = own.map((size) => [size, (given as Sizes)[size] ?? open[size] ?? null]);
  return { name, ...Object.fromEntries(sizes) } as ModelChoice;
}

/** The sizes that a model has. */
function sizesOf(name: ModelName): readonly SizeName[] {
  if (name === 'vae') return ['latent', 'hidden'];
  if (name === 'gan') return ['latent', 'hidden', 'pac'];
  return presets[name].defaults.bins === undefined ? ['layers', 'hidden'] : ['layers', 'hidden', 'bins'];
}

function notOwn(name: ModelName, size: SizeName): PushforwardError {
  const others = modelNames.filter((other) => sizesOf(other).includes(size));
  return new PushforwardError('usage', `${name} has no ${size}`, {
    mend: `leave it out, or take a model that has: ${others.join(', ')}`,
  });
}

function checkSize(size: SizeName, value: number): void {
  if (Number.isSafeInteger(value) && value >= LEAST[size]) return;
  const what = size === 'hidden' ? 'a width of hidden' : size;
  throw new PushforwardError('usage', `${what} is ${String(value)}`, {
    mend: `give a whole number of at least ${LEAST[size]}`,
  });
}
