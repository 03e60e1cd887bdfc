#include "tensor_winograd_kernels.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

// Calls body(offset, lanes) for vectors that cover n numbers.
template <typename Body>
PF_INLINE void for_each_vector(size_t n, const Body& body) {
  for (size_t i = 0; i < n; i += kWidth) {
    body(i, n - i < size_t(kWidth) ? static_cast<int>(n - i) : kWidth);
  }
}

// One dimension of each transform, on numbers that are vectors.
struct Four {
  Float at[4];
};
PF_INLINE Four filter_transform(Float a, Float b, Float c) {
  const Float half = broadcast(0.5f);
  const Float ends = (a + c) * half, middle = b * half;
  return {{a, ends + middle, ends - middle, c}};
}
PF_INLINE Four window_transform(Float a, Float b, Float c, Float d) {
  return {{a - c, b + c, c - b, b - d}};
}

void filters(const float* taps, size_t size, size_t n, float* planes) {
  for_each_vector(n, [&](size_t i, int lanes) PF_INLINE_LAMBDA {
    Four rows[3];
    for (int r = 0; r < 3; ++r) {
      const auto tap = [&](int c) PF_INLINE_LAMBDA {
        return load_partial(taps + size_t(3 * r + c) * size + i, lanes);
      };
      rows[r] = filter_transform(tap(0), tap(1), tap(2));
    }
    for (int c = 0; c < 4; ++c) {
      const Four column = filter_transform(rows[0].at[c], rows[1].at[c], rows[2].at[c]);
      for (int r = 0; r < 4; ++r) {
        store_partial(planes + size_t(4 * r + c) * size + i, column.at[r], lanes);
      }
    }
  });
}

void taps(const float* planes, size_t size, size_t n, float* taps) {
  const auto line = [](Float a, Float b, Float c, Float d, Float* to) PF_INLINE_LAMBDA {
    const Float half = broadcast(0.5f), ends = (b + c) * half;
    to[0] = a + ends;
    to[1] = (b - c) * half;
    to[2] = ends + d;
  };
  for_each_vector(n, [&](size_t i, int lanes) PF_INLINE_LAMBDA {
    Float columns[4][3];
    for (int c = 0; c < 4; ++c) {
      const auto place = [&](int r) PF_INLINE_LAMBDA {
        return load_partial(planes + size_t(4 * r + c) * size + i, lanes);
      };
      line(place(0), place(1), place(2), place(3), columns[c]);
    }
    for (int r = 0; r < 3; ++r) {
      Float row[3];
      line(columns[0][r], columns[1][r], columns[2][r], columns[3][r], row);
      for (int c = 0; c < 3; ++c) store_partial(taps + size_t(3 * r + c) * size + i, row[c], lanes);
    }
  });
}

void windows(const float* pixels, size_t row, size_t tiles, size_t channels, float* planes,
             size_t pitch, size_t plane) {
  for (size_t tile = 0; tile < tiles; ++tile, pixels += 2 * channels, planes += pitch) {
    for_each_vector(channels, [&](size_t i, int lanes) PF_INLINE_LAMBDA {
      Four columns[4];
      for (int c = 0; c < 4; ++c) {
        const auto pixel = [&](int r) PF_INLINE_LAMBDA {
          return load_partial(pixels + size_t(r) * row + size_t(c) * channels + i, lanes);
        };
        columns[c] = window_transform(pixel(0), pixel(1), pixel(2), pixel(3));
      }
      for (int r = 0; r < 4; ++r) {
        const Four line = window_transform(columns[0].at[r], columns[1].at[r], columns[2].at[r],
                                           columns[3].at[r]);
        for (int c = 0; c < 4; ++c) {
          store_partial(planes + size_t(4 * r + c) * plane + i, line.at[c], lanes);
        }
      }
    });
  }
}

void pixels(const float* planes, size_t plane, size_t channels, size_t height, size_t width,
            float* pixels, size_t row) {
  for (size_t column = 0; column < width; column += 2, planes += channels, pixels += 2 * channels) {
    for_each_vector(channels, [&](size_t i, int lanes) PF_INLINE_LAMBDA {
      Float upper[4], lower[4];
      for (int c = 0; c < 4; ++c) {
        const auto product = [&](int r) PF_INLINE_LAMBDA {
          return load_partial(planes + size_t(4 * r + c) * plane + i, lanes);
        };
        const Float second = product(1), third = product(2);
        upper[c] = product(0) + second + third;
        lower[c] = second - third - product(3);
      }
      const auto put = [&](float* to, const Float* line) PF_INLINE_LAMBDA {
        store_partial(to + i, line[0] + line[1] + line[2], lanes);
        if (column + 1 < width) {
          store_partial(to + channels + i, line[1] - line[2] - line[3], lanes);
        }
      };
      put(pixels, upper);
      if (height > 1) put(pixels + row, lower);
    });
  }
}

void tiles(const float* pixels, size_t row, size_t height, size_t width, size_t channels,
           float* planes, size_t plane) {
  for (size_t column = 0; column < width; column += 2, planes += channels, pixels += 2 * channels) {
    for_each_vector(channels, [&](size_t i, int lanes) PF_INLINE_LAMBDA {
      const auto pixel = [&](size_t r, size_t c) PF_INLINE_LAMBDA {
        const bool is_there = r < height && column + c < width;
        return is_there ? load_partial(pixels + r * row + c * channels + i, lanes)
                        : broadcast(0.0f);
      };
      const auto put = [&](int r, Float a, Float b) PF_INLINE_LAMBDA {
        float* const to = planes + size_t(4 * r) * plane + i;
        store_partial(to, a, lanes);
        store_partial(to + plane, a + b, lanes);
        store_partial(to + 2 * plane, a - b, lanes);
        store_partial(to + 3 * plane, broadcast(0.0f) - b, lanes);
      };
      const Float a = pixel(0, 0), b = pixel(0, 1), c = pixel(1, 0), d = pixel(1, 1);
      put(0, a, b);
      put(1, a + c, b + d);
      put(2, a - c, b - d);
      put(3, broadcast(0.0f) - c, broadcast(0.0f) - d);
    });
  }
}

}  // namespace

const WinogradKernels winograd_kernels = {filters, taps, windows, pixels, tiles};

}  // namespace pushforward::PF_PATH
