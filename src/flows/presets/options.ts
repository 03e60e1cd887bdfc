import type { Activation } from '../bijection.js';
import type { FlowOptions } from '../flow.js';

/** What every preset takes; each says which layers it is made of and its own defaults. */
export interface PresetOptions extends Omit<FlowOptions, 'bijections'> {
  /** Steps that the flow is made of. */
  readonly layers?: number;
  /** Widths of the hidden layers of each step's network. */
  readonly hidden?: readonly number[];
  /** Of those hidden layers. */
  readonly activation?: Activation;
}

/** Sizes that a preset has where its caller names none. */
export type PresetDefaults = Required<Pick<PresetOptions, 'layers' | 'hidden' | 'activation'>>;

/** The options over the defaults; an option that is undefined is as one that is not given. */
export function withDefaults<Options extends object, Name extends keyof Options>(
  options: Options,
  defaults: Pick<Required<Options>, Name>,
): Options & Pick<Required<Options>, Name> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...options, ...defaults, ...Object.fromEntries(given) };
}
