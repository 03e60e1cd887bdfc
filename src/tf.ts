/** The one import of TensorFlow.js: with its gradients loaded, and mended. */
import './gradients/index.js';

export * from './tfjs.js';
