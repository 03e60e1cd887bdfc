#include "tensor_resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pushforward/memory.h"
#include "tensor_images.h"

namespace pushforward {
namespace {

// In double, as tfjs has it: the nearest pixel may hang on the last bit.
std::vector<ResizeTap> taps(std::size_t size, std::size_t new_size, const ResizeShape& shape) {
  const bool aligned = shape.align_corners && new_size > 1;
  const double ratio = static_cast<double>(aligned ? size - 1 : size) /
                       static_cast<double>(aligned ? new_size - 1 : new_size);
  const double last = static_cast<double>(size - 1);
  std::vector<ResizeTap> result(new_size);
  for (std::size_t i = 0; i < new_size; ++i) {
    const double at = static_cast<double>(i);
    double source = shape.half_pixel_centers ? ratio * (at + 0.5) : ratio * at;
    if (!shape.bilinear) {
      const double nearest = shape.align_corners ? std::round(source) : std::floor(source);
      const auto pixel = static_cast<std::int32_t>(std::clamp(nearest, 0.0, last));
      result[i] = {pixel, pixel, 0.0f};
      continue;
    }
    if (shape.half_pixel_centers) source -= 0.5;
    const double lower = std::clamp(std::floor(source), 0.0, last);
    const double upper = std::clamp(std::ceil(source), 0.0, last);
    result[i] = {static_cast<std::int32_t>(lower), static_cast<std::int32_t>(upper),
                 lower == upper ? 0.0f : static_cast<float>(source - lower)};
  }
  return result;
}

}  // namespace

void tensor_resize(const ResizeShape& s, const float* images, float* out) {
  const ResizeKernels& kernels = PF_KERNELS(resize_kernels);
  const std::vector<ResizeTap> rows = taps(s.height, s.new_height, s);
  const std::vector<ResizeTap> columns = taps(s.width, s.new_width, s);
  const std::size_t row = s.width * s.channels, new_row = s.new_width * s.channels;
  const auto band = [&](std::size_t image, std::size_t first, std::size_t count) {
    static thread_local Scratch scratch;
    scratch.reserve(row);
    const float* const source = images + image * s.height * row;
    for (std::size_t r = first; r < first + count; ++r) {
      const ResizeTap& tap = rows[r];
      float* const to = out + (image * s.new_height + r) * new_row;
      const float* from = source + static_cast<std::size_t>(tap.lower) * row;
      if (tap.share == 0.0f && r > first && rows[r - 1].share == 0.0f &&
          rows[r - 1].lower == tap.lower) {
        std::copy(to - new_row, to, to);
        continue;
      }
      if (tap.share != 0.0f) {
        kernels.mix(from, source + static_cast<std::size_t>(tap.upper) * row, tap.share, row,
                    scratch.data());
        from = scratch.data();
      }
      kernels.mix_pixels(from, columns.data(), s.new_width, s.channels, to);
    }
  };
  for_each_band(s.batch, s.new_height, std::max(row, new_row), band);
}

void tensor_resize_gradient(const ResizeShape& s, const float* dy, float* dx) {
  const ResizeKernels& kernels = PF_KERNELS(resize_kernels);
  const std::vector<ResizeTap> rows = taps(s.height, s.new_height, s);
  const std::vector<ResizeTap> columns = taps(s.width, s.new_width, s);
  const std::size_t row = s.width * s.channels, new_row = s.new_width * s.channels;
  const auto band = [&](std::size_t image, std::size_t first, std::size_t count) {
    static thread_local Scratch scratch;
    scratch.reserve(row);
    float* const to = dx + image * s.height * row;
    const auto begin = static_cast<std::int32_t>(first);
    const auto end = static_cast<std::int32_t>(first + count);
    std::fill(to + first * row, to + (first + count) * row, 0.0f);
    // Rows of taps rise; those that reach into the band follow each other.
    std::size_t r = 0;
    while (r < s.new_height && rows[r].upper < begin) ++r;
    for (; r < s.new_height && rows[r].lower < end; ++r) {
      const ResizeTap& tap = rows[r];
      std::fill(scratch.data(), scratch.data() + row, 0.0f);
      kernels.spread_pixels(dy + (image * s.new_height + r) * new_row, columns.data(), s.new_width,
                            s.channels, scratch.data());
      const auto add = [&](std::int32_t pixel, float share) {
        if (pixel < begin || pixel >= end) return;
        kernels.add_scaled(scratch.data(), share, row, to + static_cast<std::size_t>(pixel) * row);
      };
      add(tap.lower, 1.0f - tap.share);
      if (tap.share != 0.0f) add(tap.upper, tap.share);
    }
  };
  const std::size_t per_row = new_row * std::max<std::size_t>(1, s.new_height / s.height);
  for_each_band(s.batch, s.height, std::max(row, per_row), band);
}

}  // namespace pushforward
