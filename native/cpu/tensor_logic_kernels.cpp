// Plain loops: the compiler makes vectors of them, since results are bytes and operands are not.
#include "tensor_logic.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

struct Equal {
  template <typename T>
  static PF_INLINE bool apply(T a, T b) {
    return a == b;
  }
};
// True for NaN.
struct NotEqual {
  template <typename T>
  static PF_INLINE bool apply(T a, T b) {
    return !(a == b);
  }
};
struct Greater {
  template <typename T>
  static PF_INLINE bool apply(T a, T b) {
    return a > b;
  }
};
struct GreaterEqual {
  template <typename T>
  static PF_INLINE bool apply(T a, T b) {
    return a >= b;
  }
};
struct Less {
  template <typename T>
  static PF_INLINE bool apply(T a, T b) {
    return a < b;
  }
};
struct LessEqual {
  template <typename T>
  static PF_INLINE bool apply(T a, T b) {
    return a <= b;
  }
};
// JavaScript's a && b and a || b give one of the operands.
struct And {
  static PF_INLINE uint8_t apply(uint8_t a, uint8_t b) { return a != 0 ? b : a; }
};
struct Or {
  static PF_INLINE uint8_t apply(uint8_t a, uint8_t b) { return a != 0 ? a : b; }
};

template <typename Function, size_t a_step, size_t b_step, typename T>
void rows_of(const LogicRows<T>& task) {
  const T* __restrict a = task.a;
  const T* __restrict b = task.b;
  uint8_t* __restrict out = task.out;
  for (size_t row = 0; row < task.rows; ++row) {
    for (size_t i = 0; i < task.inner; ++i) {
      out[i] = static_cast<uint8_t>(Function::apply(a[i * a_step], b[i * b_step]));
    }
    a += task.a_row_step;
    b += task.b_row_step;
    out += task.inner;
  }
}

template <typename Function, typename T>
void logic(const LogicRows<T>& task) {
  if (task.a_step == 1) {
    if (task.b_step == 1) return rows_of<Function, 1, 1>(task);
    return rows_of<Function, 1, 0>(task);
  }
  if (task.b_step == 1) return rows_of<Function, 0, 1>(task);
  rows_of<Function, 0, 0>(task);
}

void negate(const uint8_t* __restrict x, uint8_t* __restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = x[i] == 0;
}

template <typename T>
void choose(const uint8_t* __restrict condition, const T* __restrict a, const T* __restrict b,
            T* __restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = condition[i] == 1 ? a[i] : b[i];
}

template <typename From>
void to_floats(const From* __restrict x, float* __restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<float>(x[i]);
}

// JavaScript's ToInt32 of a float beyond int32: a whole number times a power of two, of which the
// lowest 32 bits are kept.
PF_INLINE int32_t wrap_to_int(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  const int exponent = static_cast<int>(bits >> 23 & 0xff) - 150;
  // From 2^55 on no bit of the mantissa is below 2^32; NaN and infinity end here too.
  if (exponent >= 32) return 0;
  const uint32_t whole = ((bits & 0x007fffffu) | 0x00800000u) << exponent;
  return static_cast<int32_t>(bits >> 31 != 0 ? 0u - whole : whole);
}

void float_to_int(const float* __restrict x, int32_t* __restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float value = x[i];
    const bool fits = value > -2147483648.0f && value < 2147483648.0f;
    out[i] = fits ? static_cast<int32_t>(value) : wrap_to_int(value);
  }
}

template <typename From>
void to_bools(const From* __restrict x, uint8_t* __restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = !(x[i] == From(0));
}

}  // namespace

#define PF_COMPARE_FLOATS(Type, name) logic<Type, float>,
#define PF_COMPARE_INTS(Type, name) logic<Type, int32_t>,
#define PF_CONNECT(Type, name) logic<Type, uint8_t>,
const LogicKernels logic_kernels = {{PF_COMPARISONS(PF_COMPARE_FLOATS)},
                                    {PF_COMPARISONS(PF_COMPARE_INTS)},
                                    {PF_CONNECTIVES(PF_CONNECT)},
                                    negate,
                                    choose<uint32_t>,
                                    choose<uint8_t>,
                                    to_floats<int32_t>,
                                    to_floats<uint8_t>,
                                    float_to_int,
                                    to_bools<float>,
                                    to_bools<int32_t>};
#undef PF_COMPARE_FLOATS
#undef PF_COMPARE_INTS
#undef PF_CONNECT

}  // namespace pushforward::PF_PATH
