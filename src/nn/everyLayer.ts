import type { layers } from '../tf.js';

/** What tf.LayersModels are made of. */
export type Layer = layers.LayersModel['layers'][number];

/** All layers of a model, with those of the models among them, in their order. */
export function everyLayer(model: layers.LayersModel): Layer[] {
  return model.layers.flatMap((layer) =>
    'layers' in layer ? everyLayer(layer as layers.LayersModel) : [layer],
  );
}
