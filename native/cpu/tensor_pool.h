// Greatest values and averages over windows of images [batch, height, width, channels], and their
// gradients. As in tfjs, what a window has outside of its image does not count, NaN is never the
// greatest, and of equal values the first one is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pushforward/dispatch.h"

namespace pushforward {

struct PoolShape {
  std::size_t batch, in_height, in_width, channels, out_height, out_width;
  std::size_t filter_height, filter_width, stride_height, stride_width;
  std::size_t top, left;  // padding before the first row and column
};

// The places of a source, from begin to end, that one place is made of; begin <= end.
struct PoolSpan {
  std::int32_t begin, end;
  float divisor;  // of averages
};

// One window of channels' greatest values: rows and columns of the image, and those of its rows
// that gradients are taken for.
struct PoolWindow {
  PoolSpan rows, band, columns;
  bool is_alone;  // no other window has a pixel of it
};

struct PoolKernels {
  // A row of results from `rows` rows of `width` pixels: over all of them, and over the columns of
  // each result's span. `scratch` takes a row of the source.
  using Row = void (*)(const float* source, std::size_t rows, std::size_t width,
                       std::size_t channels, const PoolSpan* spans, std::size_t results,
                       float divisor, float* scratch, float* out);
  Row greatest;
  Row averages;
  // Adds dy[c] for c < channels to dx where the window has its greatest x; x and dx are images of
  // `width` pixels a row. A window that is alone has nothing to add to: its other pixels become 0.
  void (*add_to_greatest)(const float* x, const PoolWindow& window, std::size_t width,
                          std::size_t channels, const float* dy, float* dx);
};

PF_DECLARE_KERNELS(PoolKernels, pool_kernels)

void tensor_max_pool(const PoolShape& shape, const float* x, float* out);
void tensor_average_pool(const PoolShape& shape, const float* x, float* out);
// dx = the sum of dy over the windows whose greatest value stands there.
void tensor_max_pool_gradient(const PoolShape& shape, const float* x, const float* dy, float* dx);
// dx = the sum of dy over the windows, divided by the size of a whole window.
void tensor_average_pool_gradient(const PoolShape& shape, const float* dy, float* dx);

}  // namespace pushforward
