// Sums, means, greatest and least values over the middle of x seen as [outer, count, inner], and
// softmax and cross-entropies over the last dimension. Sums are kept in double, as JavaScript's
// are. The order in which they are taken depends on the shape alone: the bits are the same for
// every number of threads and, for sums, on every path.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"

namespace pushforward {

struct ReduceKernels {
  // The sum of n consecutive elements.
  double (*sum)(const float* x, std::size_t n);
  // out[r] = the sum of row r of [rows, n], divided by `divisor`.
  void (*sum_rows)(const float* x, std::size_t rows, std::size_t n, double divisor, float* out);
  // sums[j] = Σ_r x[r · stride + j] for j < columns.
  void (*sum_columns)(const float* x, std::size_t rows, std::size_t stride, std::size_t columns,
                      double* sums);
  // out[r] = the greatest or least of row r of [rows, n], n >= 1: NaN when there is one, else of
  // several zeros the first.
  void (*greatest_rows)(const float* x, std::size_t rows, std::size_t n, float* out);
  void (*least_rows)(const float* x, std::size_t rows, std::size_t n, float* out);
  // out[j] = the same of x[r · stride + j] over r; rows >= 1.
  void (*greatest_columns)(const float* x, std::size_t rows, std::size_t stride,
                           std::size_t columns, float* out);
  void (*least_columns)(const float* x, std::size_t rows, std::size_t stride, std::size_t columns,
                        float* out);
  // e^{x - greatest} / Σ e^{x - greatest} for each of `rows` rows of n >= 1 elements.
  void (*softmax)(const float* x, std::size_t rows, std::size_t n, float* out);
  // out[r] = Σ_j labels[r, j] (log Σ_k e^{logits[r, k]} - logits[r, j]).
  void (*cross_entropy)(const float* labels, const float* logits, std::size_t rows, std::size_t n,
                        float* out);
  // Of these with respect to the logits, along dy[r].
  void (*cross_entropy_gradient)(const float* labels, const float* logits, const float* dy,
                                 std::size_t rows, std::size_t n, float* out);
};

PF_DECLARE_KERNELS(ReduceKernels, reduce_kernels)

struct Reduction {
  std::size_t outer, count, inner;  // none is 0
};

// divisor 1 for a sum, the count for a mean.
void tensor_sum(const Reduction& shape, double divisor, const float* x, float* out);
void tensor_greatest(const Reduction& shape, const float* x, float* out);
void tensor_least(const Reduction& shape, const float* x, float* out);
void tensor_softmax(const float* x, std::size_t rows, std::size_t n, float* out);
void tensor_cross_entropy(const float* labels, const float* logits, std::size_t rows, std::size_t n,
                          float* out);
void tensor_cross_entropy_gradient(const float* labels, const float* logits, const float* dy,
                                   std::size_t rows, std::size_t n, float* out);

}  // namespace pushforward
