// Batch normalisation of x whose last dimension the statistics are of.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"

namespace pushforward {

struct NormaliseKernels {
  // out[i] = (x[i] - centre[j]) · factor[j] + shift[j] for i < n, j = i modulo `period`.
  void (*normalise)(const float* x, std::size_t n, const float* centre, const float* factor,
                    const float* shift, std::size_t period, float* out);
  // out[i] = dy[i] · gain[j] + (x[i] - centre[j]) · slope[j] + shift[j], the four in `tables` one
  // after the other.
  void (*gradient)(const float* x, const float* dy, std::size_t n, const float* tables,
                   std::size_t period, float* out);
  // sums[j] = Σ a[r, j] and products[j] = Σ a[r, j] · b[r, j] over rows of `columns` numbers.
  void (*column_sums)(const float* a, const float* b, std::size_t rows, std::size_t columns,
                      double* sums, double* products);
};

PF_DECLARE_KERNELS(NormaliseKernels, normalise_kernels)

// out = (x - mean) · scale / √(variance + epsilon) + offset, each of the four of `period` numbers,
// which x repeats; scale and offset may be absent.
void tensor_normalise(const float* x, std::size_t n, const float* mean, const float* variance,
                      const float* offset, const float* scale, std::size_t period, double epsilon,
                      float* out);

// The mean and the variance of each of `channels` columns of x, whose n numbers are rows of them.
void tensor_moments(const float* x, std::size_t n, std::size_t channels, float* mean,
                    float* variance);

// sums = Σ dy and products = Σ dy (x - mean) of each of `channels` columns.
void tensor_normalise_sums(const float* dy, const float* x, std::size_t n, const float* mean,
                           std::size_t channels, float* sums, float* products);

// Gradients of tensor_normalise with these moments, which are those of x itself: dx also takes what
// x does to them. d_scale = Σ dy (x - mean) / √(variance + epsilon), d_offset = Σ dy.
void tensor_normalise_gradient(const float* x, const float* dy, std::size_t n, const float* mean,
                               const float* variance, const float* scale, std::size_t channels,
                               double epsilon, float* dx, float* d_scale, float* d_offset);

}  // namespace pushforward
