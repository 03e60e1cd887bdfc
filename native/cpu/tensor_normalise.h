// Batch normalisation of x whose last dimension the statistics are of.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"

namespace pushforward {

struct NormaliseKernels {
  // out[i] = (x[i] - centre[j]) · factor[j] + shift[j] for i < n, j = i modulo `period`.
  void (*normalise)(const float* x, std::size_t n, const float* centre, const float* factor,
                    const float* shift, std::size_t period, float* out);
};

PF_DECLARE_KERNELS(NormaliseKernels, normalise_kernels)

// out = (x - mean) · scale / √(variance + epsilon) + offset, each of the four of `period` numbers,
// which x repeats; scale and offset may be absent.
void tensor_normalise(const float* x, std::size_t n, const float* mean, const float* variance,
                      const float* offset, const float* scale, std::size_t period, double epsilon,
                      float* out);

}  // namespace pushforward
