// Plain loops: the compiler makes vectors of them where columns lie side by side, and of sums and
// greatest values along a row too.
#include "tensor_fold.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

// Columns whose results are kept beside each other while the rows go by.
constexpr size_t kColumns = 64;

// What is kept of the elements so far starts with the first one.
struct Sum {
  using Total = uint32_t;
  static PF_INLINE Total combine(Total total, int32_t x) {
    return total + static_cast<uint32_t>(x);
  }
};
struct Product {
  using Total = uint32_t;
  static PF_INLINE Total combine(Total total, int32_t x) {
    return total * static_cast<uint32_t>(x);
  }
};
struct FloatProduct {
  using Total = double;
  static PF_INLINE Total combine(Total total, float x) { return total * static_cast<double>(x); }
};
struct Greatest {
  using Total = int32_t;
  static PF_INLINE Total combine(Total total, int32_t x) { return x > total ? x : total; }
};
struct Least {
  using Total = int32_t;
  static PF_INLINE Total combine(Total total, int32_t x) { return x < total ? x : total; }
};
// JavaScript's && and || give one of the operands.
struct All {
  using Total = uint8_t;
  static PF_INLINE Total combine(Total total, uint8_t x) { return total != 0 ? x : total; }
};
struct Any {
  using Total = uint8_t;
  static PF_INLINE Total combine(Total total, uint8_t x) { return total != 0 ? total : x; }
};

template <typename Op, typename T, typename Result>
void fold(const FoldBlock<T, Result>& block) {
  using Total = typename Op::Total;
  const T* __restrict x = block.x;
  Result* __restrict out = block.out;
  for (size_t row = 0; row < block.outer; ++row) {
    if (block.inner == 1) {
      Total total = static_cast<Total>(x[0]);
      for (size_t i = 1; i < block.count; ++i) total = Op::combine(total, x[i]);
      out[0] = static_cast<Result>(total);
    }
    for (size_t first = 0; block.inner > 1 && first < block.columns; first += kColumns) {
      const size_t n = block.columns - first < kColumns ? block.columns - first : kColumns;
      Total totals[kColumns];
      for (size_t j = 0; j < n; ++j) totals[j] = static_cast<Total>(x[first + j]);
      for (size_t i = 1; i < block.count; ++i) {
        const T* __restrict p = x + i * block.inner + first;
        for (size_t j = 0; j < n; ++j) totals[j] = Op::combine(totals[j], p[j]);
      }
      for (size_t j = 0; j < n; ++j) out[first + j] = static_cast<Result>(totals[j]);
    }
    x += block.count * block.inner;
    out += block.inner;
  }
}

struct Greater {
  template <typename T>
  static PF_INLINE bool better(T x, T best) {
    return x > best;
  }
};
struct Less {
  template <typename T>
  static PF_INLINE bool better(T x, T best) {
    return x < best;
  }
};

template <typename Order, typename T>
void place(const FoldBlock<T, int32_t>& block) {
  const T* __restrict x = block.x;
  int32_t* __restrict out = block.out;
  for (size_t row = 0; row < block.outer; ++row) {
    if (block.inner == 1) {
      size_t found = 0;
      for (size_t i = 1; i < block.count; ++i) found = Order::better(x[i], x[found]) ? i : found;
      out[0] = static_cast<int32_t>(found);
    }
    for (size_t first = 0; block.inner > 1 && first < block.columns; first += kColumns) {
      const size_t n = block.columns - first < kColumns ? block.columns - first : kColumns;
      T best[kColumns];
      int32_t places[kColumns];
      for (size_t j = 0; j < n; ++j) {
        best[j] = x[first + j];
        places[j] = 0;
      }
      for (size_t i = 1; i < block.count; ++i) {
        const T* __restrict p = x + i * block.inner + first;
        for (size_t j = 0; j < n; ++j) {
          const bool better = Order::better(p[j], best[j]);
          places[j] = better ? static_cast<int32_t>(i) : places[j];
          best[j] = better ? p[j] : best[j];
        }
      }
      for (size_t j = 0; j < n; ++j) out[first + j] = places[j];
    }
    x += block.count * block.inner;
    out += block.inner;
  }
}

}  // namespace

const FoldKernels fold_kernels = {fold<Sum>,          fold<Greatest>, fold<Least>, fold<Product>,
                                  fold<FloatProduct>, fold<All>,      fold<Any>,   place<Greater>,
                                  place<Less>,        place<Greater>, place<Less>};

}  // namespace pushforward::PF_PATH
