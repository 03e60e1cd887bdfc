import type { NetworkOptions } from '../conditioner.js';
import type { FlowOptions } from '../flow.js';

/**
 * What every preset takes; each says which layers it is made of and its own defaults. `hidden`,
 * `activation` and `residualBlocks` are those of each step's network; of a residual one the default
 * width is the first of the preset's.
 */
export interface PresetOptions extends Omit<FlowOptions, 'bijections'>, Partial<NetworkOptions> {
  /** Steps that the flow is made of. */
  readonly layers?: number;
}

/** Sizes that a preset has where its caller names none. */
export type PresetDefaults = Required<Pick<PresetOptions, 'layers' | 'hidden' | 'activation'>>;

/** A preset's options over its defaults. */
export function sizesOf<Options extends PresetOptions, Name extends keyof Options>(
  options: Options,
  defaults: Pick<Required<Options>, Name> & Pick<PresetDefaults, 'hidden'>,
): Options & Pick<Required<Options>, Name> {
  const isResidual = (options.residualBlocks ?? 0) > 0;
  return withDefaults<Options, Name>(
    options,
    isResidual ? { ...defaults, hidden: defaults.hidden.slice(0, 1) } : defaults,
  );
}

/** The options over the defaults; an option that is undefined is as one that is not given. */
export function withDefaults<Options extends object, Name extends keyof Options>(
  options: Options,
  defaults: Pick<Required<Options>, Name>,
): Options & Pick<Required<Options>, Name> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...options, ...defaults, ...Object.fromEntries(given) };
}
