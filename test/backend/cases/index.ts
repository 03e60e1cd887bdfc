/** Every call of a replaced kernel that the tests hold against the CPU backend, family by family. */
import { CONVOLUTION } from './convolution.js';
import { COPY, OTHER } from './copy.js';
import { ELEMENTWISE, LOGIC } from './elementwise.js';
import { GATHER } from './gather.js';
import { IMAGES } from './images.js';
import type { KernelCase } from './inputs.js';
import { INTEGERS } from './integers.js';
import { LINEAR_ALGEBRA } from './linearAlgebra.js';
import { PRODUCT } from './product.js';
import { RECURRENT } from './recurrent.js';
import { REDUCE } from './reduce.js';

export const families: Readonly<Record<string, readonly KernelCase[]>> = {
  'functions of each element': ELEMENTWISE,
  'comparisons, logic, choice, casts': LOGIC,
  'reductions and softmax': REDUCE,
  'functions and reductions of int32 and bool': INTEGERS,
  'matrix products': PRODUCT,
  'square systems': LINEAR_ALGEBRA,
  'recurrent layers': RECURRENT,
  convolutions: CONVOLUTION,
  'pooled, resized and normalised images': IMAGES,
  'slices picked, summed, stacked and turned around': GATHER,
  copies: COPY,
  'fills and sums of several': OTHER,
};

export const allCases: readonly KernelCase[] = Object.values(families).flat();
