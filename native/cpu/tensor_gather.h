// Slices picked by their number along one dimension, and slices summed by the number of their
// group.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pushforward/dispatch.h"

namespace pushforward {

struct GatherKernels {
  // out[j] = Σ x[rows[i] · columns + j] over i < count, in double, for j < columns.
  void (*sum_rows)(const float* x, const std::int32_t* rows, std::size_t count, std::size_t columns,
                   float* out);
};

PF_DECLARE_KERNELS(GatherKernels, gather_kernels)

struct GatherShape {
  std::size_t batch, outer, dim, count, slice;  // none is 0
};

// out [batch, outer, count, slice] = x [batch, outer, dim, slice] at indices [batch, count], each
// in [0, dim).
void tensor_gather(const GatherShape& shape, const std::uint8_t* x, const std::int32_t* indices,
                   std::uint8_t* out);
void tensor_gather(const GatherShape& shape, const float* x, const std::int32_t* indices,
                   float* out);

// out [segments, slice] = for each segment the sum of the slices of x [count, slice] that have its
// number; numbers outside of [0, segments) are left out.
void tensor_segment_sum(const float* x, const std::int32_t* numbers, std::size_t count,
                        std::size_t slice, std::size_t segments, float* out);

}  // namespace pushforward
