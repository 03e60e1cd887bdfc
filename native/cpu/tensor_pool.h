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

// A row of an image of few channels taken apart: pixels that are the windows' stride apart follow
// each other in planes, so that what one place of the windows holds of all of them lies side by
// side. Of plane q the pixels from `first` on are those of the row from `column` on.
struct PoolPlane {
  std::size_t first, column, count;
};
struct PoolPlanes {
  const PoolPlane* planes;
  std::size_t stride, channels;
  std::size_t length;  // pixels of a plane
};

// Windows side by side, whose first numbers are at x, dx and dy: one window's channels, or the same
// place of a row of windows. Of dx there are some rows only.
struct PoolWindows {
  const float* x;
  float* dx;
  const float* dy;
  std::size_t count;           // numbers of dy
  std::size_t rows, row_step;  // of x and dx
  std::size_t begin, end;      // rows of dx
  const std::size_t* taps;     // where a window's columns lie in a row
  std::size_t tap_count;
  bool is_alone;  // no other windows have a pixel of them
};

struct PoolKernels {
  // A row of results from `rows` rows of `width` pixels: over all of them, and over the columns of
  // each result's span. `scratch` takes a row of the source.
  using Row = void (*)(const float* source, std::size_t rows, std::size_t width,
                       std::size_t channels, const PoolSpan* spans, std::size_t results,
                       float divisor, float* scratch, float* out);
  Row greatest;
  Row averages;
  // Adds dy to dx where the windows have their greatest x. Windows that are alone have nothing to
  // add to: their other pixels become 0.
  void (*add_to_greatest)(const PoolWindows& windows);
  // A row to its planes, -inf beside it, and back.
  void (*take_apart)(const float* row, const PoolPlanes& planes, float* to);
  void (*put_together)(const float* from, const PoolPlanes& planes, float* row);
};

PF_DECLARE_KERNELS(PoolKernels, pool_kernels)

void tensor_max_pool(const PoolShape& shape, const float* x, float* out);
void tensor_average_pool(const PoolShape& shape, const float* x, float* out);
// dx = the sum of dy over the windows whose greatest value stands there.
void tensor_max_pool_gradient(const PoolShape& shape, const float* x, const float* dy, float* dx);
// dx = the sum of dy over the windows, divided by the size of a whole window.
void tensor_average_pool_gradient(const PoolShape& shape, const float* dy, float* dx);

}  // namespace pushforward
