#include "tensor_resize.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

// A pixel of fewer channels is no work for a vector.
constexpr size_t kFewChannels = 4;

// Calls body(i, load, store) for vectors that cover n numbers, the last one perhaps in part.
template <typename Body>
PF_INLINE void for_vectors(size_t n, const Body& body) {
  size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    body(
        i, [](const float* p) PF_INLINE_LAMBDA { return load(p); },
        [](float* p, Float a) PF_INLINE_LAMBDA { store(p, a); });
  }
  const int rest = static_cast<int>(n - i);
  if (rest > 0) {
    body(
        i, [rest](const float* p) PF_INLINE_LAMBDA { return load_partial(p, rest); },
        [rest](float* p, Float a) PF_INLINE_LAMBDA { store_partial(p, a, rest); });
  }
}

void mix(const float* a, const float* b, float share, size_t n, float* out) {
  const Float part = broadcast(share);
  for_vectors(n, [&](size_t i, auto get, auto put) PF_INLINE_LAMBDA {
    const Float from = get(a + i);
    put(out + i, fma(get(b + i) - from, part, from));
  });
}

void mix_pixels(const float* row, const ResizeTap* taps, size_t new_width, size_t channels,
                float* out) {
  for (size_t pixel = 0; pixel < new_width; ++pixel, out += channels) {
    const ResizeTap tap = taps[pixel];
    const float* const a = row + size_t(tap.lower) * channels;
    const float* const b = row + size_t(tap.upper) * channels;
    if (channels < kFewChannels) {
      // Without a share even of infinity there is nothing of b.
      for (size_t c = 0; c < channels; ++c) {
        out[c] = tap.share == 0.0f ? a[c] : a[c] + (b[c] - a[c]) * tap.share;
      }
    } else if (tap.share != 0.0f) {
      mix(a, b, tap.share, channels, out);
    } else {
      __builtin_memcpy(out, a, channels * sizeof(float));
    }
  }
}

void add_scaled(const float* row, float scale, size_t n, float* to) {
  const Float factor = broadcast(scale);
  for_vectors(n, [&](size_t i, auto get, auto put)
                     PF_INLINE_LAMBDA { put(to + i, fma(get(row + i), factor, get(to + i))); });
}

void spread_pixels(const float* dy, const ResizeTap* taps, size_t new_width, size_t channels,
                   float* row) {
  for (size_t pixel = 0; pixel < new_width; ++pixel, dy += channels) {
    const ResizeTap tap = taps[pixel];
    if (channels < kFewChannels) {
      float* const lower = row + size_t(tap.lower) * channels;
      float* const upper = row + size_t(tap.upper) * channels;
      for (size_t c = 0; c < channels; ++c) {
        lower[c] += dy[c] * (1.0f - tap.share);
        if (tap.share != 0.0f) upper[c] += dy[c] * tap.share;
      }
      continue;
    }
    add_scaled(dy, 1.0f - tap.share, channels, row + size_t(tap.lower) * channels);
    if (tap.share != 0.0f) {
      add_scaled(dy, tap.share, channels, row + size_t(tap.upper) * channels);
    }
  }
}

}  // namespace

const ResizeKernels resize_kernels = {mix, mix_pixels, spread_pixels, add_scaled};

}  // namespace pushforward::PF_PATH
