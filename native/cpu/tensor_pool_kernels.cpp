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
PF_INLINE void add_lanes(const float* x, const PoolWindow& window, size_t width, size_t channels,
                         const float* dy, float* dx, int lanes) {
  const auto at = [](const float* p, int n)
                      PF_INLINE_LAMBDA { return whole ? load(p) : load_partial(p, n); };
  Float best = broadcast(-__builtin_inff()), place = broadcast(-1.0f);
  const Float one = broadcast(1.0f);
  Float here = broadcast(0.0f);
  for (int32_t row = window.rows.begin; row < window.rows.end; ++row) {
    const float* p = x + (size_t(row) * width + size_t(window.columns.begin)) * channels;
    for (int32_t column = window.columns.begin; column < window.columns.end; ++column) {
      const Float value = at(p, lanes);
      const Mask better = best < value;
      best = select(better, value, best);
      place = select(better, here, place);
      here = here + one;
      p += channels;
    }
  }
  const Float cotangent = at(dy, lanes);
  const int32_t columns = window.columns.end - window.columns.begin;
  here = broadcast(static_cast<float>((window.band.begin - window.rows.begin) * columns));
  for (int32_t row = window.band.begin; row < window.band.end; ++row) {
    float* p = dx + (size_t(row) * width + size_t(window.columns.begin)) * channels;
    for (int32_t column = 0; column < columns; ++column) {
      const Float own = select(place == here, cotangent, broadcast(0.0f));
      const Float sum = window.is_alone ? own : at(p, lanes) + own;
      if constexpr (whole) {
        store(p, sum);
      } else {
        store_partial(p, sum, lanes);
      }
      here = here + one;
      p += channels;
    }
  }
}

void add_one(const float* x, const PoolWindow& window, size_t width, size_t channels, float dy,
             float* dx) {
  float best = -__builtin_inff();
  int32_t best_row = -1;
  size_t place = 0;
  for (int32_t row = window.rows.begin; row < window.rows.end; ++row) {
    for (int32_t column = window.columns.begin; column < window.columns.end; ++column) {
      const size_t here = (size_t(row) * width + size_t(column)) * channels;
      if (x[here] > best) {
        best = x[here];
        best_row = row;
        place = here;
      }
    }
  }
  if (window.is_alone) {
    for (int32_t row = window.band.begin; row < window.band.end; ++row) {
      float* p = dx + (size_t(row) * width + size_t(window.columns.begin)) * channels;
      for (int32_t i = window.columns.begin; i < window.columns.end; ++i, p += channels) *p = 0.0f;
    }
  }
  if (best_row >= window.band.begin && best_row < window.band.end) dx[place] += dy;
}

void add_to_greatest(const float* x, const PoolWindow& window, size_t width, size_t channels,
                     const float* dy, float* dx) {
  size_t c = 0;
  for (; c + kWidth <= channels; c += kWidth) {
    add_lanes<true>(x + c, window, width, channels, dy + c, dx + c, kWidth);
  }
  if (channels - c > kFewChannels) {
    return add_lanes<false>(x + c, window, width, channels, dy + c, dx + c,
                            static_cast<int>(channels - c));
  }
  for (; c < channels; ++c) add_one(x + c, window, width, channels, dy[c], dx + c);
}

}  // namespace

const PoolKernels pool_kernels = {pool_row<Greatest>, pool_row<Average>, add_to_greatest};

}  // namespace pushforward::PF_PATH
