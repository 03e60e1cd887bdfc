import { PushforwardError } from '../errors.js';
import { layers } from '../tf.js';

/**
 * The model that a topology describes, as the model's `toJSON` gave it, with weights that tfjs-layers draws.
 * @throws PushforwardError `usage` for what describes none.
 */
export async function layersModel(topology: object): Promise<layers.LayersModel> {
  try {
    // A copy, since tfjs-layers changes what it reads.
    const copy = structuredClone(topology) as Parameters<typeof layers.models.modelFromJSON>[0];
    return await layers.models.modelFromJSON(copy);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PushforwardError('usage', `a topology describes no tf.LayersModel (${reason})`, {
      mend: 'give what its toJSON gives, and import the code of layers of your own first',
      cause,
    });
  }
}
