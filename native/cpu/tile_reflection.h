// Reflections of the rows of a tile: H = I - factor · v vᵀ.
#pragma once

#include "pushforward/dispatch.h"
#include "tile.h"

namespace pushforward {

struct ReflectionGradient {
  const float* vector;  // v [features]
  float factor;
  const float* x;   // what H is applied to
  float* gradient;  // cotangent of H x, and then of x
  float* sums;      // [features], the cotangent of v over all rows is added; factor is 2 / |v|²
};

struct ReflectionKernels {
  // x = H x.
  void (*reflect)(const float* vector, float factor, int features, int rows, float* x);
  void (*backward)(const ReflectionGradient& task, int features, int rows);
};

PF_DECLARE_KERNELS(ReflectionKernels, reflection_kernels)

}  // namespace pushforward
