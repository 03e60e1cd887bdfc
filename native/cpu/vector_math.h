// The elementary functions of simd_math.h over arrays, one entry a function: what the accuracy
// tests call.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"

namespace pushforward {

struct VectorMathKernels {
  using Function = void (*)(const float* x, float* out, std::size_t n);
  Function exp, expm1, log, log1p, softplus, tanh, sigmoid, sin_pi, cos_pi, erf;
};

PF_DECLARE_KERNELS(VectorMathKernels, vector_math_kernels)

}  // namespace pushforward
