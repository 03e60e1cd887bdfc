#include "tensor_reduce.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

// Eight lanes on every path, in as many registers as it takes.
typedef float Float8 __attribute__((vector_size(32)));
typedef double Double8 __attribute__((vector_size(64)));

PF_INLINE void add_eight(const float* x, Double8* sum) {
  Float8 values;
  __builtin_memcpy(&values, x, sizeof values);
  *sum += __builtin_convertvector(values, Double8);
}

// Four times eight running sums hide the latency of the additions.
double sum(const float* x, size_t n) {
  double total = 0.0;
  size_t i = 0;
  if (n >= 32) {
    Double8 a = {}, b = {}, c = {}, d = {};
    for (; i + 32 <= n; i += 32) {
      add_eight(x + i, &a);
      add_eight(x + i + 8, &b);
      add_eight(x + i + 16, &c);
      add_eight(x + i + 24, &d);
    }
    a = (a + b) + (c + d);
    total = ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
  }
  for (; i < n; ++i) total += static_cast<double>(x[i]);
  return total;
}

template <int columns>
PF_INLINE void sum_few_columns(const float* x, size_t rows, size_t stride, double* sums) {
  double sum[columns] = {};
  for (size_t row = 0; row < rows; ++row) {
    for (int j = 0; j < columns; ++j) sum[j] += static_cast<double>(x[row * stride + j]);
  }
  for (int j = 0; j < columns; ++j) sums[j] = sum[j];
}

void sum_columns(const float* x, size_t rows, size_t stride, size_t columns, double* sums) {
  size_t j = 0;
  for (; j + 32 <= columns; j += 32) {
    Double8 a = {}, b = {}, c = {}, d = {};
    for (size_t row = 0; row < rows; ++row) {
      const float* p = x + row * stride + j;
      add_eight(p, &a);
      add_eight(p + 8, &b);
      add_eight(p + 16, &c);
      add_eight(p + 24, &d);
    }
    const Double8 all[4] = {a, b, c, d};
    __builtin_memcpy(sums + j, all, sizeof all);
  }
  for (; j + 8 <= columns; j += 8) {
    Double8 a = {};
    for (size_t row = 0; row < rows; ++row) add_eight(x + row * stride + j, &a);
    __builtin_memcpy(sums + j, &a, sizeof a);
  }
  switch (columns - j) {
    case 1:
      return sum_few_columns<1>(x + j, rows, stride, sums + j);
    case 2:
      return sum_few_columns<2>(x + j, rows, stride, sums + j);
    case 3:
      return sum_few_columns<3>(x + j, rows, stride, sums + j);
    case 4:
      return sum_few_columns<4>(x + j, rows, stride, sums + j);
    case 5:
      return sum_few_columns<5>(x + j, rows, stride, sums + j);
    case 6:
      return sum_few_columns<6>(x + j, rows, stride, sums + j);
    case 7:
      return sum_few_columns<7>(x + j, rows, stride, sums + j);
  }
}

// Rows of fewer elements fill no vectors of their own, so they are reduced as the columns of a
// transposed tile: of 5 elements up to fifteen times faster, with the same bits.
constexpr size_t kShortRow = 16;
constexpr size_t kTileRows = 64;

// Calls columns(tile, count, first) for tiles [n, kTileRows] with the rows from `first` on.
template <typename Columns>
PF_INLINE void for_each_tile(const float* x, size_t rows, size_t n, const Columns& columns) {
  float tile[kShortRow * kTileRows];
  for (size_t first = 0; first < rows; first += kTileRows) {
    const size_t count = rows - first < kTileRows ? rows - first : kTileRows;
    for (size_t row = 0; row < count; ++row) {
      for (size_t j = 0; j < n; ++j) tile[j * kTileRows + row] = x[(first + row) * n + j];
    }
    columns(tile, count, first);
  }
}

void sum_rows(const float* x, size_t rows, size_t n, double divisor, float* out) {
  if (n >= kShortRow) {
    for (size_t row = 0; row < rows; ++row) {
      out[row] = static_cast<float>(sum(x + row * n, n) / divisor);
    }
    return;
  }
  for_each_tile(x, rows, n, [&](const float* tile, size_t count, size_t first) PF_INLINE_LAMBDA {
    double sums[kTileRows];
    sum_columns(tile, n, kTileRows, count, sums);
    for (size_t i = 0; i < count; ++i) out[first + i] = static_cast<float>(sums[i] / divisor);
  });
}

struct Greatest {
  static PF_INLINE bool better(float value, float best) { return value > best || value != value; }
  static PF_INLINE Mask better(Float value, Float best) { return (best < value) | is_nan(value); }
};
struct Least {
  static PF_INLINE bool better(float value, float best) { return value < best || value != value; }
  static PF_INLINE Mask better(Float value, Float best) { return (value < best) | is_nan(value); }
};

// A NaN stays once it is in a lane: nothing but another NaN is better.
template <typename Order>
float extreme(const float* x, size_t n) {
  float best = x[0];
  if (n < 2 * kWidth) {
    for (size_t i = 1; i < n; ++i) best = Order::better(x[i], best) ? x[i] : best;
    return best;
  }
  Float a = load(x), b = load(x + kWidth);
  for (size_t i = 2 * kWidth; i < n; i += 2 * kWidth) {
    // The last vectors may overlap those before them, which changes nothing but the order of zeros.
    const float* p = x + (i + 2 * kWidth <= n ? i : n - 2 * kWidth);
    const Float c = load(p), d = load(p + kWidth);
    a = select(Order::better(c, a), c, a);
    b = select(Order::better(d, b), d, b);
  }
  a = select(Order::better(b, a), b, a);
  float lanes[kWidth];
  store(lanes, a);
  best = lanes[0];
  for (int i = 1; i < kWidth; ++i) best = Order::better(lanes[i], best) ? lanes[i] : best;
  if (best == 0.0f) {
    size_t first = 0;
    while (x[first] != 0.0f) ++first;
    best = x[first];
  }
  return best;
}

template <typename Order>
void extreme_columns(const float* x, size_t rows, size_t stride, size_t columns, float* out) {
  size_t j = 0;
  for (; j + kWidth <= columns; j += kWidth) {
    Float best = load(x + j);
    for (size_t row = 1; row < rows; ++row) {
      const Float value = load(x + row * stride + j);
      best = select(Order::better(value, best), value, best);
    }
    store(out + j, best);
  }
  const int rest = static_cast<int>(columns - j);
  if (rest == 0) return;
  Float best = load_partial(x + j, rest);
  for (size_t row = 1; row < rows; ++row) {
    const Float value = load_partial(x + row * stride + j, rest);
    best = select(Order::better(value, best), value, best);
  }
  store_partial(out + j, best, rest);
}

template <typename Order>
void extreme_rows(const float* x, size_t rows, size_t n, float* out) {
  if (n >= kShortRow) {
    for (size_t row = 0; row < rows; ++row) out[row] = extreme<Order>(x + row * n, n);
    return;
  }
  for_each_tile(x, rows, n, [&](const float* tile, size_t count, size_t first) PF_INLINE_LAMBDA {
    extreme_columns<Order>(tile, n, kTileRows, count, out + first);
  });
}

// Calls body(i, lanes) for the vectors of n elements.
template <typename Body>
PF_INLINE void for_each_vector(size_t n, const Body& body) {
  for (size_t i = 0; i < n; i += kWidth) {
    body(i, n - i < size_t(kWidth) ? static_cast<int>(n - i) : kWidth);
  }
}

// out[i] = e^{x[i] - shift}; returns their sum.
double exponentials(const float* x, size_t n, float shift, float* out) {
  for_each_vector(n, [&](size_t i, int lanes) PF_INLINE_LAMBDA {
    store_partial(out + i, exp(load_partial(x + i, lanes) - broadcast(shift)), lanes);
  });
  return sum(out, n);
}

void softmax(const float* x, size_t rows, size_t n, float* out) {
  for (size_t row = 0; row < rows; ++row, x += n, out += n) {
    const float total = static_cast<float>(exponentials(x, n, extreme<Greatest>(x, n), out));
    for_each_vector(n, [&](size_t i, int lanes) PF_INLINE_LAMBDA {
      store_partial(out + i, load_partial(out + i, lanes) / broadcast(total), lanes);
    });
  }
}

void cross_entropy(const float* labels, const float* logits, size_t rows, size_t n, float* out) {
  // Some classes at a time, their terms beside each other, so that they are added up as in `sum`.
  constexpr size_t kPart = 512;
  float terms[kPart];
  for (size_t row = 0; row < rows; ++row, labels += n, logits += n) {
    const float shift = extreme<Greatest>(logits, n);
    double total = 0.0;
    for (size_t j = 0; j < n; j += kPart) {
      total += exponentials(logits + j, n - j < kPart ? n - j : kPart, shift, terms);
    }
    const float rest = static_cast<float>(__builtin_log(total));
    double loss = 0.0;
    for (size_t j = 0; j < n; j += kPart) {
      const size_t count = n - j < kPart ? n - j : kPart;
      for_each_vector(count, [&](size_t i, int lanes) PF_INLINE_LAMBDA {
        // The greatest comes off first, for large logits leave few digits to what is added to them.
        const Float logit = load_partial(logits + j + i, lanes) - broadcast(shift);
        const Float label = load_partial(labels + j + i, lanes);
        store_partial(terms + i, label * (broadcast(rest) - logit), lanes);
      });
      loss += sum(terms, count);
    }
    out[row] = static_cast<float>(loss);
  }
}

void cross_entropy_gradient(const float* labels, const float* logits, const float* dy, size_t rows,
                            size_t n, float* out) {
  for (size_t row = 0; row < rows; ++row, labels += n, logits += n, out += n) {
    const double total = exponentials(logits, n, extreme<Greatest>(logits, n), out);
    const Float share = broadcast(static_cast<float>(sum(labels, n) / total));
    for_each_vector(n, [&](size_t i, int lanes) PF_INLINE_LAMBDA {
      const Float probability = load_partial(out + i, lanes) * share;
      const Float difference = probability - load_partial(labels + i, lanes);
      store_partial(out + i, broadcast(dy[row]) * difference, lanes);
    });
  }
}

}  // namespace

const ReduceKernels reduce_kernels = {sum,
                                      sum_rows,
                                      sum_columns,
                                      extreme_rows<Greatest>,
                                      extreme_rows<Least>,
                                      extreme_columns<Greatest>,
                                      extreme_columns<Least>,
                                      softmax,
                                      cross_entropy,
                                      cross_entropy_gradient};

}  // namespace pushforward::PF_PATH
