// Images [batch, height, width, channels] at another size, and the gradient of that: between pixels
// (bilinear) or from the nearest one, with the conventions of tfjs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pushforward/dispatch.h"

namespace pushforward {

struct ResizeShape {
  std::size_t batch, height, width, channels, new_height, new_width;
  bool bilinear, align_corners, half_pixel_centers;
};

// What a new pixel is made of along one axis: (1 - share) of one and `share` of the other, which is
// the same one where the share is 0.
struct ResizeTap {
  std::int32_t lower, upper;
  float share;
};

struct ResizeKernels {
  // out[i] = a[i] + (b[i] - a[i]) · share for i < n.
  void (*mix)(const float* a, const float* b, float share, std::size_t n, float* out);
  // out [new_width, channels] = pixels of `row`, mixed.
  void (*mix_pixels)(const float* row, const ResizeTap* taps, std::size_t new_width,
                     std::size_t channels, float* out);
  // Adds to the pixels of `row` their shares of dy [new_width, channels].
  void (*spread_pixels)(const float* dy, const ResizeTap* taps, std::size_t new_width,
                        std::size_t channels, float* row);
  // to[i] += scale · row[i] for i < n.
  void (*add_scaled)(const float* row, float scale, std::size_t n, float* to);
};

PF_DECLARE_KERNELS(ResizeKernels, resize_kernels)

void tensor_resize(const ResizeShape& shape, const float* images, float* out);
void tensor_resize_gradient(const ResizeShape& shape, const float* dy, float* dx);

}  // namespace pushforward
