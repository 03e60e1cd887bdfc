// Plain loops, since results are bytes and operands are not.
#include "tensor_logic.h"

#include "tensor_row_loops.h"

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

void negate(const uint8_t* __restrict x, uint8_t* __restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = x[i] == 0;
}

template <typename T>
void choose(const uint8_t* __restrict condition, const T* __restrict a, const T* __restrict b,
            T* __restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = condition[i] == 1 ? a[i] : b[i];
}

template <typename From, typename To>
void widen(const From* __restrict x, To* __restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<To>(x[i]);
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

#define PF_COMPARE_FLOATS(Type, name) typed_rows<Type, float>,
#define PF_COMPARE_INTS(Type, name) typed_rows<Type, int32_t>,
#define PF_COMPARE_BYTES(Type, name) typed_rows<Type, uint8_t>,
#define PF_CONNECT(Type, name) typed_rows<Type, uint8_t>,
const LogicKernels logic_kernels = {{PF_COMPARISONS(PF_COMPARE_FLOATS)},
                                    {PF_COMPARISONS(PF_COMPARE_INTS)},
                                    {PF_COMPARISONS(PF_COMPARE_BYTES)},
                                    {PF_CONNECTIVES(PF_CONNECT)},
                                    negate,
                                    choose<uint32_t>,
                                    choose<uint8_t>,
                                    widen<int32_t, float>,
                                    widen<uint8_t, float>,
                                    widen<uint8_t, int32_t>,
                                    float_to_int,
                                    to_bools<float>,
                                    to_bools<int32_t>};
#undef PF_COMPARE_FLOATS
#undef PF_COMPARE_INTS
#undef PF_COMPARE_BYTES
#undef PF_CONNECT

}  // namespace pushforward::PF_PATH
