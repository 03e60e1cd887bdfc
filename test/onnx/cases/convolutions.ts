import { type Tensor, tf } from '../../../src/tf.js';
import { floats } from '../support.js';
import { type Case, testCase } from './case.js';

type Padding = Parameters<typeof tf.conv2d>[3];

function convolution(
  strides: number | [number, number],
  padding: Padding,
  dilations: number | [number, number] = 1,
) {
  return (x: Tensor, filter: Tensor) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, padding, 'NHWC', dilations);
}

const around: Padding = [
  [0, 0],
  [2, 0],
  [1, 3],
  [0, 0],
];

const images = floats(['batch', 5, 4, 3], -1, 1);
const filter = floats([3, 3, 3, 2], -1, 1, 1);

export const convolutions: readonly Case[] = [
  testCase('conv2d, same', convolution(1, 'same'), images, filter),
  testCase('conv2d, same, of even size', convolution(1, 'same'), images, floats([2, 4, 3, 2], -1, 1, 1)),
  testCase('conv2d, valid', convolution(1, 'valid'), images, filter),
  testCase('conv2d, one pixel', convolution(1, 'same'), images, floats([1, 1, 3, 6], -1, 1, 1)),
  testCase('conv2d, strides', convolution([2, 1], 'same'), images, filter),
  testCase('conv2d, dilations', convolution(1, 'same', [1, 2]), images, filter),
  testCase('conv2d, padding by number', convolution(2, 1), images, filter),
  testCase('conv2d, padding side by side', convolution(1, around), images, filter),
  testCase(
    'conv2d, a filter for each row',
    (x, rows) => convolution(1, 'same')(x, tf.reshape(tf.sum(rows, 0), [1, 1, 3, 2])),
    images,
    floats(['batch', 6], -1, 1, 1),
  ),
];
