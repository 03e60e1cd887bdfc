#include "tensor_normalise.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

// The difference first: as x · factor + (shift - centre · factor) a centre far from zero would take
// the digits away.
PF_INLINE Float normal(Float x, Float centre, Float factor, Float shift) {
  return fma(x - centre, factor, shift);
}

void normalise(const float* x, size_t n, const float* centre, const float* factor,
               const float* shift, size_t period, float* out) {
  for (; n > 0; x += period, out += period) {
    const size_t length = n < period ? n : period;
    size_t i = 0;
    for (; i + kWidth <= length; i += kWidth) {
      store(out + i, normal(load(x + i), load(centre + i), load(factor + i), load(shift + i)));
    }
    const int rest = static_cast<int>(length - i);
    if (rest > 0) {
      const Float value = normal(load_partial(x + i, rest), load_partial(centre + i, rest),
                                 load_partial(factor + i, rest), load_partial(shift + i, rest));
      store_partial(out + i, value, rest);
    }
    n -= length;
  }
}

void gradient(const float* x, const float* dy, size_t n, const float* gain, size_t period,
              float* out) {
  const float* const centre = gain + period;
  const float* const slope = centre + period;
  const float* const shift = slope + period;
  for (; n > 0; x += period, dy += period, out += period) {
    const size_t length = n < period ? n : period;
    for (size_t i = 0; i < length; i += kWidth) {
      const int lanes = length - i < size_t(kWidth) ? static_cast<int>(length - i) : kWidth;
      const auto at = [&](const float* p) PF_INLINE_LAMBDA { return load_partial(p + i, lanes); };
      const Float constant = fma(at(x) - at(centre), at(slope), at(shift));
      store_partial(out + i, fma(at(dy), at(gain), constant), lanes);
    }
    n -= length;
  }
}

// Eight lanes on every path, in as many registers as it takes.
typedef float Float8 __attribute__((vector_size(32)));
typedef double Double8 __attribute__((vector_size(64)));

template <int blocks>
PF_INLINE void sum_blocks(const float* a, const float* b, size_t rows, size_t columns, double* sums,
                          double* products) {
  Double8 sum[blocks] = {}, product[blocks] = {};
  for (size_t row = 0; row < rows; ++row, a += columns, b += columns) {
    for (int k = 0; k < blocks; ++k) {
      Float8 narrow;
      __builtin_memcpy(&narrow, a + 8 * k, sizeof narrow);
      const Double8 first = __builtin_convertvector(narrow, Double8);
      __builtin_memcpy(&narrow, b + 8 * k, sizeof narrow);
      sum[k] += first;
      product[k] += first * __builtin_convertvector(narrow, Double8);
    }
  }
  __builtin_memcpy(sums, sum, sizeof sum);
  __builtin_memcpy(products, product, sizeof product);
}

void column_sums(const float* a, const float* b, size_t rows, size_t columns, double* sums,
                 double* products) {
  size_t j = 0;
  for (; j + 32 <= columns; j += 32) {
    sum_blocks<4>(a + j, b + j, rows, columns, sums + j, products + j);
  }
  for (; j + 8 <= columns; j += 8) {
    sum_blocks<1>(a + j, b + j, rows, columns, sums + j, products + j);
  }
  for (; j < columns; ++j) {
    double sum = 0.0, product = 0.0;
    for (size_t at = j; at < rows * columns; at += columns) {
      sum += static_cast<double>(a[at]);
      product += static_cast<double>(a[at]) * static_cast<double>(b[at]);
    }
    sums[j] = sum;
    products[j] = product;
  }
}

}  // namespace

const NormaliseKernels normalise_kernels = {normalise, gradient, column_sums};

}  // namespace pushforward::PF_PATH
