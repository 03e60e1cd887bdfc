import type { ModelArchitecture } from '../tables/architecture.js';

/** A model with its sizes: nsf of 5 layers, hidden 64-64, 8 bins. */
export function describeModel({ name, layers, hidden, bins }: ModelArchitecture): string {
  const parts = [`${name} of ${layers} layers`, `hidden ${hidden.join('-') || 'none'}`];
  if (bins !== undefined) parts.push(`${bins} bins`);
  return parts.join(', ');
}
