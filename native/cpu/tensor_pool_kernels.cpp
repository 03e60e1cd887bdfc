#include "tensor_pool.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

// Fewer channels are taken one by one: a vector of so few lanes costs as much as they do.
constexpr size_t kFewChannels = 4;

// With the best first, NaN leaves it as it is, and so does an equal value.
struct Greatest {
  static constexpr float kStart = -__builtin_inff();
  static PF_INLINE float combine(float best, float value) { return value > best ? value : best; }
  static PF_INLINE Float combine(Float best, Float value) { return max(value, best); }
  static PF_INLINE float finish(float best, float) { return best; }
  static PF_INLINE Float finish(Float best, Float) { return best; }
};
struct Average {
  static constexpr float kStart = 0.0f;
  static PF_INLINE float combine(float sum, float value) { return sum + value; }
  static PF_INLINE Float combine(Float sum, Float value) { return sum + value; }
  static PF_INLINE float finish(float sum, float divisor) { return sum / divisor; }
  static PF_INLINE Float finish(Float sum, Float divisor) { return sum / divisor; }
};

// out[i] = all rows' i-th numbers.
template <typename Op>
void combine_rows(const float* source, size_t rows, size_t n, float* out) {
  size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    Float total = broadcast(Op::kStart);
    for (size_t row = 0; row < rows; ++row) total = Op::combine(total, load(source + row * n + i));
    store(out + i, total);
  }
  for (; i < n; ++i) {
    float total = Op::kStart;
    for (size_t row = 0; row < rows; ++row) total = Op::combine(total, source[row * n + i]);
    out[i] = total;
  }
}

template <typename Op>
void pool_row(const float* source, size_t rows, size_t width, size_t channels,
              const PoolSpan* spans, size_t results, float divisor, float* scratch, float* out) {
  combine_rows<Op>(source, rows, width * channels, scratch);
  for (size_t result = 0; result < results; ++result, out += channels) {
    const PoolSpan span = spans[result];
    const float* const begin = scratch + size_t(span.begin) * channels;
    const float* const end = scratch + size_t(span.end) * channels;
    const float count = divisor * span.divisor;
    const Float counts = broadcast(count);
    size_t c = 0;
    for (; c + kWidth <= channels; c += kWidth) {
      Float total = broadcast(Op::kStart);
      for (const float* p = begin; p < end; p += channels) total = Op::combine(total, load(p + c));
      store(out + c, Op::finish(total, counts));
    }
    if (channels - c > kFewChannels) {
      const int rest = static_cast<int>(channels - c);
      Float total = broadcast(Op::kStart);
      for (const float* p = begin; p < end; p += channels) {
        total = Op::combine(total, load_partial(p + c, rest));
      }
      store_partial(out + c, Op::finish(total, counts), rest);
      continue;
    }
    for (; c < channels; ++c) {
      float total = Op::kStart;
      for (const float* p = begin; p < end; p += channels) total = Op::combine(total, p[c]);
      out[c] = Op::finish(total, count);
    }
  }
}

// The lanes' places in the window, counted row by row, are floats: exact up to 2^24 of them.
template <bool whole>
PF_INLINE void add_lanes(const PoolWindows& windows, size_t offset, int lanes) {
  const auto at = [](const float* p, int n)
                      PF_INLINE_LAMBDA { return whole ? load(p) : load_partial(p, n); };
  const size_t* const taps = windows.taps;
  const size_t tap_count = windows.tap_count, step = windows.row_step;
  const Float one = broadcast(1.0f);
  Float best = broadcast(-__builtin_inff()), place = broadcast(-1.0f), here = broadcast(0.0f);
  const float* x = windows.x + offset;
  for (size_t row = 0; row < windows.rows; ++row, x += step) {
    for (size_t tap = 0; tap < tap_count; ++tap) {
      const Float value = at(x + taps[tap], lanes);
      const Mask better = best < value;
      best = select(better, value, best);
      place = select(better, here, place);
      here = here + one;
    }
  }
  const Float cotangent = at(windows.dy + offset, lanes);
  here = broadcast(static_cast<float>(windows.begin * tap_count));
  float* dx = windows.dx + offset;
  for (size_t row = windows.begin; row < windows.end; ++row, dx += step) {
    for (size_t tap = 0; tap < tap_count; ++tap) {
      float* const p = dx + taps[tap];
      const Float own = select(place == here, cotangent, broadcast(0.0f));
      const Float sum = windows.is_alone ? own : at(p, lanes) + own;
      if constexpr (whole) {
        store(p, sum);
      } else {
        store_partial(p, sum, lanes);
      }
      here = here + one;
    }
  }
}

void add_to_greatest(const PoolWindows& windows) {
  size_t i = 0;
  for (; i + kWidth <= windows.count; i += kWidth) add_lanes<true>(windows, i, kWidth);
  if (i < windows.count) add_lanes<false>(windows, i, static_cast<int>(windows.count - i));
}

// `count` pixels of `known` channels, or of `channels` where that is 0, from one place to another,
// which are so many pixels apart. What the compiler knows becomes vectors.
template <size_t known>
PF_INLINE void copy_pixels(const float* from, size_t from_step, float* to, size_t to_step,
                           size_t count, size_t channels) {
  const size_t each = known > 0 ? known : channels;
  for (size_t i = 0; i < count; ++i) {
    for (size_t c = 0; c < each; ++c) to[i * to_step * each + c] = from[i * from_step * each + c];
  }
}

PF_INLINE void copy_strided(const float* from, size_t from_step, float* to, size_t to_step,
                            size_t count, size_t channels) {
  if (channels == 1) return copy_pixels<1>(from, from_step, to, to_step, count, 1);
  if (channels == 3) return copy_pixels<3>(from, from_step, to, to_step, count, 3);
  copy_pixels<0>(from, from_step, to, to_step, count, channels);
}

PF_INLINE void fill(float* to, size_t n, float value) {
  for (size_t i = 0; i < n; ++i) to[i] = value;
}

void take_apart(const float* row, const PoolPlanes& planes, float* to) {
  const size_t channels = planes.channels;
  for (size_t q = 0; q < planes.stride; ++q, to += planes.length * channels) {
    const PoolPlane& plane = planes.planes[q];
    const size_t end = plane.first + plane.count;
    fill(to, plane.first * channels, -__builtin_inff());
    fill(to + end * channels, (planes.length - end) * channels, -__builtin_inff());
    copy_strided(row + plane.column * channels, planes.stride, to + plane.first * channels, 1,
                 plane.count, channels);
  }
}

void put_together(const float* from, const PoolPlanes& planes, float* row) {
  const size_t channels = planes.channels;
  for (size_t q = 0; q < planes.stride; ++q, from += planes.length * channels) {
    const PoolPlane& plane = planes.planes[q];
    copy_strided(from + plane.first * channels, 1, row + plane.column * channels, planes.stride,
                 plane.count, channels);
  }
}

}  // namespace

const PoolKernels pool_kernels = {pool_row<Greatest>, pool_row<Average>, add_to_greatest,
                                  take_apart, put_together};

}  // namespace pushforward::PF_PATH
